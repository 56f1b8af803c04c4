/**
 * What is written down about a stage's job, in the stage's work folder: enough for another runner to
 * find it again, and for the job to say how it ended while nobody listens.
 *
 * ```
 * slurm/job.json       the runner's note of what was submitted
 * slurm/TOKEN.sh       what the job runs; without it, a job that has not started does nothing
 * slurm/TOKEN.started  made when it starts
 * slurm/TOKEN.exit     how it ended, written last
 * ```
 *
 * Each submission has a token of its own, so that no job is taken for another.
 *
 * @module
 */
import { constants } from "node:os";
import { join } from "node:path";
import type { ProcessEnd } from "../../plan/record.ts";

/** One submission. */
export interface JobRecord {
  token: string;
  /** What the job's comment is, by which it is found if the runner died before it knew the id. */
  comment: string;
  /** Number within its array; null if it is none. */
  index: number | null;
  /** Null until Slurm has taken it. */
  id: string | null;
  /** Bytes of the event file that were there before. */
  eventsFrom: number;
  /** Seconds that earlier jobs of this attempt have run. */
  usedSeconds: number;
  /** How often this attempt's job was lost. */
  losses: number;
}

/** How the script of a job ended. */
export interface ExitRecord {
  code: number;
  /** The last signal that the script was sent; null for none. */
  signal: "INT" | "TERM" | "USR1" | null;
}

/** Files of one submission. */
export interface JobFiles {
  script: string;
  started: string;
  exit: string;
}

/** The folder of the job inside a stage's work folder. */
export function slurmFolder(work: string): string {
  return join(work, "slurm");
}

/** Paths of a submission's files. */
export function jobFiles(work: string, token: string): JobFiles {
  const base = join(slurmFolder(work), token);
  return { script: `${base}.sh`, started: `${base}.started`, exit: `${base}.exit` };
}

/** The submission that a work folder knows of; undefined if there is none. */
export function readRecord(work: string): JobRecord | undefined {
  const text = readIfThere(join(slurmFolder(work), "job.json"));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // written by nobody we know
  }
}

/** Writes it down, whole or not at all. */
export function writeRecord(work: string, record: JobRecord): void {
  const path = join(slurmFolder(work), "job.json");
  Deno.mkdirSync(slurmFolder(work), { recursive: true });
  const file = Deno.openSync(`${path}.new`, { write: true, create: true, truncate: true });
  try {
    file.writeSync(new TextEncoder().encode(JSON.stringify(record)));
    file.syncDataSync(); // a job that nobody knows of would run beside its successor
  } finally {
    file.close();
  }
  Deno.renameSync(`${path}.new`, path);
}

/** Forgets the job: whatever comes of it now, nobody asks for it. */
export function removeRecord(work: string): void {
  try {
    Deno.removeSync(slurmFolder(work), { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** How the job ended, as its script wrote; undefined if it has not ended, or not in its own way. */
export function readExit({ exit }: JobFiles): ExitRecord | undefined {
  const match = /^(\d+) (-|INT|TERM|USR1)\n$/.exec(readIfThere(exit) ?? "");
  if (!match) return undefined;
  const [, code, signal] = match;
  return { code: Number(code), signal: isSignal(signal) ? signal : null };
}

/** The same in the terms of a process: shells add the signal that has ended one to 128. */
export function exitOf(exit: ExitRecord | undefined): Pick<ProcessEnd, "exitCode" | "signal"> {
  if (exit === undefined) return {};
  const signals = Object.entries(constants.signals);
  const signal = signals.find(([, number]) => number + 128 === exit.code)?.[0];
  return signal === undefined ? { exitCode: exit.code } : { signal };
}

/** Milliseconds since 1970 at which the job started, by the clock of the file system. */
export function startedAt({ started }: JobFiles): number | undefined {
  return modified(started);
}

/** Milliseconds since 1970 at which it ended. */
export function endedAt({ exit }: JobFiles): number | undefined {
  return modified(exit);
}

/** Whether anything in a folder was written after that time. */
export function hasNews(folder: string, since: number): boolean {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory ? hasNews(path, since) : (modified(path) ?? 0) > since) return true;
  }
  return false;
}

function modified(path: string): number | undefined {
  try {
    return Deno.statSync(path).mtime?.getTime();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function isSignal(word: string): word is "INT" | "TERM" | "USR1" {
  return word === "INT" || word === "TERM" || word === "USR1";
}

function isRecord(value: unknown): value is JobRecord {
  return typeof value === "object" && value !== null && "token" in value && "id" in value &&
    "comment" in value && "index" in value && "eventsFrom" in value && "usedSeconds" in value &&
    "losses" in value;
}
