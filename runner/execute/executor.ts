/**
 * What the scheduler asks of whoever runs a stage: this machine, or a cluster.
 *
 * @module
 */
import type { Resources } from "../pipeline/instance.ts";
import type { StageEvent, StageFailure } from "./events.ts";
import type { StageRequest } from "./request.ts";

/** One attempt at one stage, ready to start. */
export interface Job {
  request: StageRequest;
  /** Where the request lies as JSON. */
  requestFile: string;
  /** Where standard output and error go; attempts append. */
  log: string;
  /** Arguments of `deno run` that bound what the process may touch. */
  permissions: string[];
  /** The whole environment of the process. */
  env: Record<string, string>;
  resources: Resources;
  /** Whether it reads files outside the store. */
  readsData: boolean;
}

/** Why a stage did not succeed, in words for a person. */
export interface Failure {
  /**
   * Besides what the stage's own process can say: `memory`: killed at its limit. `crash`: the process
   * ended without a word. `timeout`. `output`: it finished, but left an output empty. `runtime`: the
   * tensor library could not be had. `store`: its result could not be kept. `changed`: its code or
   * data is no longer what its key was made from.
   */
  kind:
    | StageFailure["kind"]
    | "memory"
    | "crash"
    | "timeout"
    | "output"
    | "runtime"
    | "store"
    | "changed";
  message: string;
}

/** How an attempt ended. */
export type Outcome =
  | { status: "finished" }
  | { status: "failed"; failure: Failure }
  | { status: "interrupted" };

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
}
