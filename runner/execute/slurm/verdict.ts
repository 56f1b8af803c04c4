/**
 * What to make of a job: a pure function of what its script wrote and what Slurm says.
 *
 * @module
 */
import { formatBytes } from "../../ui/format.ts";
import { INTERRUPTED } from "../child.ts";
import type { Failure, Outcome } from "../executor.ts";
import { noRoomFailure } from "../no_room.ts";
import type { ExitRecord } from "./record.ts";
import { fateOf } from "./states.ts";

/** What is known of a job. */
export interface Sighting {
  /** Name of the stage, for messages. */
  id: string;
  /** Name of the job, for messages. */
  job: string;
  /** What its script wrote at its end. */
  exit: ExitRecord | undefined;
  /** Its state; undefined if Slurm does not know it (any more). */
  state: string | undefined;
  /** Whether this run has asked it to end. */
  asked: boolean;
  /** Whether this run has killed it. */
  killed: boolean;
  /** Why it did not succeed, as the stage's process said. */
  failure: Failure | undefined;
  /** Whether its script has had time to be seen: a shared file system may be some seconds late. */
  settled: boolean;
  /** Bytes it may use; undefined for no limit. */
  memory: number | undefined;
  /** The folder in which it works, for messages. */
  folder: string;
}

/** What to do about it. */
export type Verdict =
  | { then: "wait" }
  | { then: "end"; outcome: Outcome }
  /** Its time was over before it was: it may go on in another job. */
  | { then: "continue" }
  /** It was lost through no fault of its own. */
  | { then: "again"; why: string };

/** Shells say so of a process that a signal has ended. */
const SIGNALLED = 128;
const KILLED = SIGNALLED + 9;
const STOPPED = [INTERRUPTED, SIGNALLED + 2, SIGNALLED + 15, SIGNALLED + 1];

const WAIT: Verdict = { then: "wait" };
const STOPPED_HERE: Verdict = { then: "end", outcome: { status: "interrupted" } };

/** Decides. */
export function judge(sighting: Sighting): Verdict {
  const { exit, state, asked, failure, id, job } = sighting;
  const fate = state === undefined ? undefined : fateOf(state);
  if (exit?.code === 0) return { then: "end", outcome: { status: "finished" } };
  // Slurm takes its time to tidy up after a job whose processes are gone.
  if (sighting.killed && (fate !== "alive" || state === "COMPLETING")) return STOPPED_HERE;
  if (fate === "memory") return failed("memory", describeMemory(sighting));
  const isStop = exit !== undefined && STOPPED.includes(exit.code);
  if (exit !== undefined && !isStop && exit.code !== KILLED) {
    return {
      then: "end",
      outcome: { status: "failed", failure: failure ?? crash(sighting, exit) },
    };
  }
  if (isStop && asked) return STOPPED_HERE;
  // The script was told that the time is nearly over, and its stage has saved and gone.
  if (isStop && exit.signal === "USR1") return { then: "continue" };
  switch (fate) {
    case "alive":
      // After a requeue the script takes its old ending back; a killed process' state comes late.
      return exit?.code === KILLED && sighting.settled ? killed(sighting) : WAIT;
    case "time":
      return asked ? STOPPED_HERE : { then: "continue" };
    case "cancelled":
      return asked ? STOPPED_HERE : failed(
        "crash",
        `stage "${id}" was cancelled: somebody has ended job ${job}\n` +
          `  run again to go on from what it has saved`,
      );
    case "lost":
      return asked ? STOPPED_HERE : { then: "again", why: LOSSES[state ?? ""] ?? `${state}` };
    case "ended":
      if (exit?.code === KILLED) return killed(sighting);
      if (!sighting.settled) return WAIT;
      return asked ? STOPPED_HERE : withoutWord(sighting);
    case undefined:
      if (asked) return STOPPED_HERE;
      if (!sighting.settled) return WAIT;
      return exit?.code === KILLED
        ? killed(sighting)
        : { then: "again", why: "Slurm does not know it any more" };
  }
}

const LOSSES: Record<string, string> = {
  PREEMPTED: "another job came first",
  NODE_FAIL: "its node failed",
  BOOT_FAIL: "its node did not start",
};

/** The script ended, or never began, without its word on it. */
function withoutWord({ id, job, state, exit, folder }: Sighting): Verdict {
  if (exit !== undefined) return { then: "again", why: "somebody has stopped it" };
  return failed(
    "crash",
    `job ${job} of stage "${id}" is ${state}, and has not written how it ended\n` +
      `  the nodes must see ${folder} under the same path: put the store on a shared file system`,
  );
}

function killed(sighting: Sighting): Verdict {
  if (sighting.asked) return STOPPED_HERE;
  const { id, job, memory } = sighting;
  if (memory !== undefined) return failed("memory", describeMemory(sighting));
  return failed(
    "crash",
    `stage "${id}" (job ${job}) was killed from outside; a node does that when memory runs out`,
  );
}

function describeMemory({ id, job, memory }: Sighting): string {
  const limit = memory === undefined ? "the limit of the cluster" : formatBytes(memory);
  return `stage "${id}" (job ${job}) was killed for using more memory than ${limit}\n` +
    `  raise resources.memory in the pipeline file, or make the work smaller`;
}

function crash({ id, job, folder }: Sighting, { code }: ExitRecord): Failure {
  const full = noRoomFailure(id, folder, code, null);
  if (full) return full;
  if (code === 127 || code === 126) {
    const message = `job ${job} could not start the process of stage "${id}"; its log says why\n` +
      `  the nodes must find Deno, the project and the store under the same paths as this machine`;
    return { kind: "crash", message };
  }
  const how = code > SIGNALLED
    ? `crashed with signal ${code - SIGNALLED}`
    : `ended with code ${code}`;
  const message = `the process of stage "${id}" (job ${job}) ${how} and did not say why`;
  return { kind: "crash", message };
}

function failed(kind: Failure["kind"], message: string): Verdict {
  return { then: "end", outcome: { status: "failed", failure: { kind, message } } };
}
