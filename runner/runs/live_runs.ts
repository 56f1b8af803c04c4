/**
 * What is running on a store now: from the notes of runs that have not ended, and from what the
 * stages themselves report.
 *
 * @module
 */
import { type LiveProgress, liveProgress } from "../execute/live_progress.ts";
import type { Capacity } from "../execute/resources.ts";
import { type Shortage, shortagesOf } from "../execute/shortage.ts";
import { jobFiles, readRecord, startedAt } from "../execute/slurm/record.ts";
import type { Resources } from "../pipeline/instance.ts";
import type { Store } from "../store/store.ts";
import { isEnding, type NotedStage, type OpenRun, readNotes, type StageNote } from "./open_run.ts";

/** A stage at work. */
export interface WorkingStage {
  id: string;
  uses: string;
  key: string;
  /** UTC, ISO 8601. */
  startedAt: string;
  /** Since then. */
  seconds: number;
  /** What it asked for, and on this machine has. */
  resources: Resources;
  /** Ids of the GPUs that are its own. */
  gpus: string[];
  /** From the second on. `waits`: seconds until it starts, while it does not. */
  attempt?: { number: number; of: number; waits?: number };
  /** Its job, on a cluster; the id is null until it has one. */
  job?: { id: string | null; state: "queued" | "running" };
  progress?: LiveProgress;
}

/** A stage that has not started, and what it waits for; for nothing if it is about to. */
export interface WaitingStage {
  id: string;
  /** Stages that have to end first. */
  stages?: string[];
  /** Another runner that is at work on it; `run`: the run, if it is one of those shown. */
  runner?: { host: string; pid: number; run?: string };
  shortages?: Shortage[];
}

/** A run that lasts. */
export interface LiveRun {
  id: string;
  pipeline: string;
  file: string;
  profile: string;
  sets: string[];
  /** Where its runner is. */
  host: string;
  pid: number;
  /**
   * Of one on a machine that cannot be asked from here, seconds since it last said that it lives;
   * absent while it has nothing at work.
   */
  silent?: number;
  /** Whether its machine cannot be asked from here. */
  elsewhere: boolean;
  /** UTC, ISO 8601. */
  startedAt: string;
  seconds: number;
  /** How many stages are what. */
  counts: Record<"ran" | "hit" | "failed" | "skipped" | "working" | "waiting", number>;
  working: WorkingStage[];
  waiting: WaitingStage[];
  /** Why stages failed. */
  failed: { id: string; reason: string }[];
}

const ONE: Resources = { cpu: 1, gpu: 0 };

/** All runs that last, oldest first. @param now milliseconds since 1970 */
export function liveRuns(
  store: Pick<Store, "openRunIds" | "readOpenRun" | "whoWorksOn" | "work">,
  now: number,
): LiveRun[] {
  const open = store.openRunIds().flatMap((id) => {
    const text = store.readOpenRun(id);
    const run = text === undefined ? undefined : readNotes(text); // it may just have ended
    return run === undefined || run.life === "dead" ? [] : [run];
  });
  return open.map((run) => describeRun(run, open, store, now));
}

function describeRun(
  run: OpenRun,
  all: OpenRun[],
  store: Pick<Store, "whoWorksOn" | "work">,
  now: number,
): LiveRun {
  const { facts, life, owner } = run;
  const fates = new Map<string, StageFate>(
    run.stages.map((stage) => [stage.id, { stage, notes: [] }]),
  );
  for (const note of run.notes) fates.get(note.id)?.notes.push(note);
  const list = [...fates.values()];
  const working = list.flatMap((fate) => workingStage(fate, store, now) ?? []);
  const busy = new Set(working.map(({ id }) => id));
  const isOver = (id: string) => endingOf(fates.get(id)) !== undefined;
  const waiting = list.filter(({ stage: { id } }) => !busy.has(id) && !isOver(id))
    .map((fate) => waitingStage(fate, { run, all, working, isOver }));
  const endings = list.flatMap((fate) => endingOf(fate) ?? []);
  const number = (wanted: string) => endings.filter(({ status }) => status === wanted).length;
  const signs = working.flatMap(({ key }) => store.whoWorksOn(key)?.signedAt ?? []);
  return {
    id: facts.id,
    pipeline: facts.pipeline,
    file: facts.file,
    profile: facts.profile,
    sets: facts.sets,
    host: owner?.host ?? facts.host.name,
    pid: owner?.pid ?? 0,
    elsewhere: life === "elsewhere",
    ...(life === "elsewhere" && signs.length > 0 && { silent: since(Math.max(...signs), now) }),
    startedAt: facts.startedAt,
    seconds: since(Date.parse(facts.startedAt), now),
    counts: {
      ran: number("ran"),
      hit: number("hit"),
      failed: number("failed"),
      skipped: number("skipped"),
      working: working.length,
      waiting: waiting.length,
    },
    working,
    waiting,
    failed: endings.filter(({ status }) => status === "failed")
      .map(({ id, reason = "" }) => ({ id, reason })),
  };
}

/** A stage and all that was noted of it. */
interface StageFate {
  stage: NotedStage;
  notes: StageNote[];
}

function endingOf(fate: StageFate | undefined) {
  return fate?.notes.findLast(isEnding);
}

function workingStage(
  { stage, notes }: StageFate,
  store: Pick<Store, "work">,
  now: number,
): WorkingStage | undefined {
  const started = notes.findLast((note) => note.status === "started");
  const last = notes.at(-1);
  if (started === undefined || last === undefined) return undefined;
  if (isEnding(last) || last.status === "interrupted") return undefined;
  const work = store.work(started.key);
  const progress = liveProgress(work.events, now);
  const record = readRecord(work.folder);
  const waits = last.status === "retrying"
    ? (Date.parse(last.at) - now) / 1000 + last.waitSeconds
    : 0;
  return {
    id: stage.id,
    uses: stage.uses,
    key: started.key,
    startedAt: started.at,
    seconds: since(Date.parse(started.at), now),
    resources: stage.resources ?? ONE,
    gpus: started.gpus,
    ...(last.status === "retrying" && {
      attempt: { number: last.attempt, of: last.attempts, ...(waits > 0 && { waits }) },
    }),
    ...(record && {
      job: {
        id: record.id,
        state: startedAt(jobFiles(work.folder, record.token)) === undefined ? "queued" : "running",
      },
    }),
    ...(progress && { progress }),
  };
}

/** What a waiting stage is looked at with. */
interface Around {
  run: OpenRun;
  all: OpenRun[];
  working: WorkingStage[];
  isOver: (id: string) => boolean;
}

function waitingStage(
  { stage: { id, needs = [], resources = ONE }, notes }: StageFate,
  { run, all, working, isOver }: Around,
): WaitingStage {
  const stages = needs.filter((need) => !isOver(need));
  if (stages.length > 0) return { id, stages };
  const last = notes.at(-1);
  if (last?.status === "held") {
    const { host, pid } = last;
    const other = all.find(({ owner }) => owner?.host === host && owner.pid === pid);
    return { id, runner: { host, pid, ...(other && { run: other.facts.id }) } };
  }
  const shortages = run.capacity ? shortagesFor(resources, working, run.capacity) : [];
  return { id, ...(shortages.length > 0 && { shortages }) };
}

/** Who waits for another attempt has let go of everything. */
function shortagesFor(wanted: Resources, working: WorkingStage[], capacity: Capacity): Shortage[] {
  const holders = working.filter(({ attempt }) => attempt?.waits === undefined);
  return shortagesOf(wanted, holders, capacity);
}

/** Seconds. */
function since(then: number, now: number): number {
  return Math.max(0, (now - then) / 1000);
}
