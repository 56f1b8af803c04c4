/**
 * The queue of Slurm as `squeue` prints it, and what its states mean.
 *
 * @module
 */

/** What `squeue` says of one job, or of one task of an array. */
export interface QueueEntry {
  /** `12`, or `12_3` for a task of an array. */
  id: string;
  /** E.g. `RUNNING`. */
  state: string;
  /** Why it waits, or how it ended. */
  reason: string;
  /** What the job was submitted with. */
  comment: string;
}

/** Arguments of `squeue` for all jobs of a user, those that ended a short while ago included. */
export function queueArguments(user: number | null): string[] {
  return [
    "--noheader",
    "--array",
    "--states=all",
    ...(user === null ? [] : [`--user=${user}`]),
    "--format=%i|%T|%r|%k",
  ];
}

/** Reads what `squeue` prints with {@link queueArguments}. */
export function parseQueue(text: string): QueueEntry[] {
  return text.split("\n").flatMap((line) => {
    const [id, state, reason, ...comment] = line.trim().split("|");
    if (state === undefined || reason === undefined) return [];
    return [{ id, state, reason, comment: comment.join("|") }];
  });
}

/** What a state comes to. */
export type Fate =
  /** Waits or works. */
  | "alive"
  /** Came to its end, of itself. */
  | "ended"
  /** Killed at its limit of memory. */
  | "memory"
  /** Ended at its limit of time. */
  | "time"
  /** Somebody wanted it to end. */
  | "cancelled"
  /** Neither the stage nor a person is to blame: the node failed, or another job came first. */
  | "lost";

const FATES: Record<string, Fate> = {
  COMPLETED: "ended",
  FAILED: "ended",
  OUT_OF_MEMORY: "memory",
  TIMEOUT: "time",
  DEADLINE: "time",
  CANCELLED: "cancelled",
  PREEMPTED: "lost",
  NODE_FAIL: "lost",
  BOOT_FAIL: "lost",
  LAUNCH_FAILED: "lost",
  RECONFIG_FAIL: "lost",
  REVOKED: "lost",
};

/** `sacct` writes `CANCELLED by 0`. States not known here are of jobs that go on. */
export function fateOf(state: string): Fate {
  return FATES[state.split(/[ +]/)[0]] ?? "alive";
}

/** Reasons for which a job waits until a person does something. */
const STUCK =
  /^(JobHeld|BadConstraints|PartitionTimeLimit|PartitionNodeLimit|PartitionInactive|PartitionConfig|PartitionDown|InvalidAccount|InvalidQOS|AccountNotAllowed|QOSNotAllowed|ReqNodeNotAvail|MaxMemPerLimit|MaxCpuPerLimit|DependencyNeverSatisfied|JobLaunchFailure|launch_failed)/;

/** Whether a job will not start of itself. */
export function isStuck({ state, reason }: QueueEntry): boolean {
  return fateOf(state) === "alive" && state !== "RUNNING" && STUCK.test(reason.replace(/^\(/, ""));
}
