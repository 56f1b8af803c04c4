/**
 * What the scheduler asks of whoever runs a stage: this machine, or a cluster.
 *
 * @module
 */
import type { Resources } from "../pipeline/instance.ts";
import type { ProcessEnd } from "../plan/record.ts";
import type { StageEvent, StageFailure } from "./events.ts";
import type { StageRequest } from "./request.ts";

/** One attempt at one stage, ready to start. */
export interface Job {
  request: StageRequest;
  /** `train` for `stages/train.ts`. */
  uses: string;
  /** The key of its result. */
  key: string;
  /** Its work folder, which outlives the runner. */
  folder: string;
  /** Where the request lies as JSON. */
  requestFile: string;
  /** Where standard output and error go; attempts append. */
  log: string;
  /** Arguments of `deno run` that bound what the process may touch. */
  permissions: string[];
  /** The whole environment of the process. */
  env: Record<string, string>;
  resources: Resources;
  /** How long it may run; undefined means no limit. */
  timeoutSeconds: number | undefined;
  /** How long it may take to save once it was asked to stop; undefined for the default. */
  graceSeconds: number | undefined;
  /** Whether it reads files outside the store. */
  readsData: boolean;
}

/** Why a stage did not succeed, in words for a person. */
export interface Failure {
  /**
   * Besides what the stage's own process can say: `memory`: killed at its limit. `crash`: the process
   * ended without a word. `timeout`. `output`: it finished, but left an output empty. `runtime`: the
   * tensor library could not be had. `refused`: the cluster does not take it. `store`: its result
   * could not be kept. `changed`: its code or data is no longer what its key was made from.
   */
  kind:
    | StageFailure["kind"]
    | "memory"
    | "crash"
    | "timeout"
    | "refused"
    | "output"
    | "runtime"
    | "store"
    | "changed";
  message: string;
}

/** How an attempt ended. */
export type Outcome =
  & { ending?: ProcessEnd }
  & (
    | { status: "finished" }
    | { status: "failed"; failure: Failure }
    | { status: "interrupted" }
  );

/** A stage at work. */
export interface RunningJob {
  /** Resolves once the process is gone and its events have all been delivered; never rejects. */
  outcome: Promise<Outcome>;
  /** Asks the stage to save and end. Repeating it changes nothing. */
  stop(): void;
  /** Ends it now. */
  kill(): void;
}

/** A place where stages run. */
export interface Executor {
  /** Starts the process. `onEvent` gets the stage's events in order, a moment after they happen. */
  start(job: Job, onEvent: (event: StageEvent) => void): RunningJob;
  /**
   * Whether it ends stages at their timeout itself, as one must whose stages wait in a queue first.
   * Otherwise the time counts from the start.
   */
  keepsTime?: boolean;
  /**
   * Looks whether what an earlier runner has started for this key, in this work folder, is still at
   * work or has ended meanwhile. If so, the next `start()` takes it over instead of starting anew, and
   * the folder must stay as it is.
   */
  adopt?(folder: string): Promise<boolean>;
}
