/**
 * A run that has not ended, or was killed: what its notes tell of it.
 *
 * @module
 */
import type { Capacity } from "../execute/resources.ts";
import type { Pipeline, Resources, StageInstance } from "../pipeline/instance.ts";
import { type Life, lifeOf, nameOf, type Owner, ownerOf, thisOwner } from "../store/owner.ts";
import type { RunFacts, RunRecord, RunStage } from "./run_record.ts";

/** What became of a stage, as a line of the notes. `at`: UTC, ISO 8601. */
export type StageNote = { id: string; at: string } & (StageStep | StageEnding);

/** How a stage ended, once and for all. */
export interface StageEnding {
  status: "hit" | "ran" | "failed" | "skipped";
  seconds: number;
  /** Of a hit. */
  key?: string;
  /** Why it failed or was skipped, in a line. */
  reason?: string;
}

/** Something on the way to that. */
export type StageStep =
  | { status: "started"; key: string; gpus: string[] }
  | { status: "retrying"; attempt: number; attempts: number; waitSeconds: number }
  /** Another runner is at work on it. */
  | { status: "held"; key: string; host: string; pid: number }
  | { status: "interrupted" };

/** A stage as the first line of the notes has it. */
export interface NotedStage extends Pick<RunStage, "id" | "uses" | "aliases"> {
  /** Ids of stages whose outputs it takes. */
  needs?: string[];
  /** What it asks for, if that is more than one processor. */
  resources?: Resources;
}

/** The first line of the notes. */
interface Beginning {
  format: 1;
  /** The process that runs it; see `store/owner.ts`. */
  owner: string;
  facts: Omit<RunFacts, "endedAt">;
  /** What its stages share; absent in notes of earlier versions. */
  capacity?: NotedCapacity;
  stages: NotedStage[];
}

/** JSON knows no infinity: what is not limited is null. */
interface NotedCapacity extends Omit<Capacity, "cpu" | "memory"> {
  cpu: number | null;
  memory: number | null;
}

/** All that the notes say. */
export interface OpenRun {
  owner: Owner | undefined;
  /** Of its process. */
  life: Life;
  facts: Beginning["facts"];
  capacity: Capacity | undefined;
  stages: NotedStage[];
  /** In the order in which they were taken. */
  notes: StageNote[];
}

/** Returns the first line. */
export function encodeBeginning(
  facts: Beginning["facts"],
  { stages }: Pipeline,
  capacity?: Capacity,
): string {
  const beginning: Beginning = {
    format: 1,
    owner: nameOf(thisOwner()),
    facts,
    ...(capacity && { capacity }),
    stages: stages.map(notedStage),
  };
  return JSON.stringify(beginning) + "\n";
}

function notedStage({ id, uses, aliases, inputs, resources }: StageInstance): NotedStage {
  const needs = new Set(Object.values(inputs).flat().map((reference) => reference.id));
  const { cpu, gpu, memory, slots, mutex } = resources;
  const isUsual = cpu === 1 && gpu === 0 && !memory && !slots && !mutex;
  return {
    id,
    uses,
    aliases,
    ...(needs.size > 0 && { needs: [...needs] }),
    ...(!isUsual && { resources }),
  };
}

/** Returns one further line for each. */
export function encodeNotes(notes: StageNote[]): string {
  return notes.map((note) => JSON.stringify(note) + "\n").join("");
}

/** Reads the notes; undefined if they cannot be read. */
export function readNotes(text: string): OpenRun | undefined {
  const [beginning, ...notes] = text.split("\n").flatMap(parse);
  if (!isBeginning(beginning)) return undefined;
  const { facts, capacity, stages } = beginning;
  const owner = ownerOf(beginning.owner);
  return {
    owner,
    life: owner === undefined ? "dead" : lifeOf(owner),
    facts,
    capacity: capacity &&
      { ...capacity, cpu: capacity.cpu ?? Infinity, memory: capacity.memory ?? Infinity },
    stages,
    notes: notes.filter(isNote),
  };
}

/** Whether a note tells the end of its stage. */
export function isEnding(note: StageNote): note is StageNote & StageEnding {
  return "seconds" in note;
}

/** Makes a manifest of the notes; undefined if they cannot be read. */
export function readOpenRunRecord(text: string): RunRecord | undefined {
  const run = readNotes(text);
  if (run === undefined) return undefined;
  const { facts, notes } = run;
  const isKilled = run.life === "dead";
  const done = new Map(notes.filter(isEnding).map((note) => [note.id, note]));
  const keys = new Map(notes.flatMap((note) => "key" in note ? [[note.id, note.key]] : []));
  const endedAt = notes.map(({ at }) => at).sort().at(-1) ?? facts.startedAt;
  return {
    format: 1,
    ...facts,
    endedAt,
    // By a clock that may have been set meanwhile: there is no other.
    seconds: Math.max(0, Date.parse(endedAt) - Date.parse(facts.startedAt)) / 1000,
    status: isKilled ? "killed" : "running",
    stages: run.stages.map(({ id, uses, aliases }) => {
      const note = done.get(id);
      const isOver = note?.status === "ran" || note?.status === "failed";
      return {
        id,
        uses,
        aliases,
        status: note?.status ?? "skipped",
        key: keys.get(id) ?? null,
        reason: note?.reason ?? (isKilled ? "the run was killed" : "the run has not ended yet"),
        seconds: note?.seconds ?? 0,
        outputs: {},
        metrics: {},
        attempts: isOver ? 1 : 0,
      };
    }),
  };
}

/** The last line may be torn. */
function parse(line: string): unknown[] {
  try {
    return line === "" ? [] : [JSON.parse(line)];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isBeginning(value: unknown): value is Beginning {
  return typeof value === "object" && value !== null && "format" in value && value.format === 1 &&
    "owner" in value && "facts" in value && "stages" in value;
}

function isNote(value: unknown): value is StageNote {
  return typeof value === "object" && value !== null && "id" in value && "status" in value &&
    "at" in value;
}
