/**
 * A stage run once more beside the store: its result is looked at and thrown away.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { attempt, type Interruption } from "../execute/attempt.ts";
import type { StageEvent } from "../execute/events.ts";
import type { Executor, Job, Outcome } from "../execute/executor.ts";
import {
  emptyOutputs,
  type Given,
  LinkError,
  prepareJob,
  type ReadyStage,
  withHolding,
  type Workshop,
} from "../execute/job.ts";
import type { StageRequest } from "../execute/request.ts";
import { type Capacity, Holding, ResourcePool } from "../execute/resources.ts";
import type { WorkFolder } from "../store/store.ts";

/** What a trial needs besides the stage. */
export interface TrialPlace {
  given: Pick<Given, "known" | "code" | "runtime">;
  shop: Pick<Workshop, "store" | "project" | "packages">;
  /** All of it is the trial's. */
  capacity: Capacity;
  /** The person's wish to stop. */
  interruption: Interruption;
}

/** A stage laid out in a folder of its own, ready for any number of attempts. */
export interface Trial {
  job: Job;
  /** Output name → folder. */
  outputs: StageRequest["outputs"];
  /** Runs it to its end, or until it is interrupted; outputs are empty before, scratch is kept. */
  attempt(executor: Executor, options?: AttemptOptions): Promise<Outcome>;
}

/** What one attempt may be given. */
export interface AttemptOptions {
  /** Changes what the process is started with. */
  change?: (job: Job) => Job;
  /** In place of the person's. */
  interruption?: Interruption;
  onEvent?: (event: StageEvent) => void;
}

/** Lays a stage out in a new folder, which is gone when the store is closed. */
export async function layOut(
  stage: ReadyStage,
  { given, shop, capacity, interruption }: TrialPlace,
): Promise<Trial> {
  const { instance } = stage;
  const work = workFolder(shop.store.temporary());
  const { memory, moreMemory, ...rest } = instance.resources;
  const most = moreMemory?.at(-1) ?? memory;
  const resources = { ...rest, ...(most === undefined ? {} : { memory: most }) };
  const pool = new ResourcePool(capacity);
  const grant = pool.take(resources);
  if (!grant) throw new Error(`Cannot take what "${instance.id}" needs: nobody else has anything`);
  const holding = new Holding(pool, grant);
  const prepared = await prepareJob(stage, given, work, shop).catch(explainLink);
  const job = withHolding(prepared, instance, { holding, resources });
  return {
    job,
    outputs: job.request.outputs,
    attempt(executor, options = {}) {
      emptyOutputs(job.request);
      return attempt(executor, options.change?.(job) ?? job, {
        timeoutSeconds: undefined, // it may take longer than in a run
        interruption: options.interruption ?? interruption,
        onEvent: options.onEvent ?? (() => {}),
        graceSeconds: instance.graceSeconds,
      });
    },
  };
}

/** A link in the data is a mistake of the person. */
function explainLink(error: unknown): never {
  if (!(error instanceof LinkError)) throw error;
  const [message, ...notes] = error.message.split("\n");
  throw new UserError({ message, notes: notes.map((note) => note.trim()) }, { cause: error });
}

function workFolder(folder: string): WorkFolder {
  return {
    folder,
    out: `${folder}/out`,
    scratch: `${folder}/scratch`,
    events: `${folder}/events`,
    log: `${folder}/log`,
  };
}
