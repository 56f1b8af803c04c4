/**
 * Runs one stage from inputs in the store to outputs in the store, with retries.
 *
 * @module
 */
import { inLines } from "../diagnostic.ts";
import type { ActionRecord, StageUsage } from "../plan/record.ts";
import { explain } from "../store/files.ts";
import { Collector } from "./collected.ts";
import { EventReader, eventsLength } from "./events.ts";
import type { Failure } from "./executor.ts";
import { describeHost } from "./host.ts";
import {
  emptyOutputs,
  type Given,
  LinkError,
  prepareJob,
  type ReadyStage,
  removeFolder,
  withHolding,
  type Workshop,
} from "./job.ts";
import { outsideOf } from "./outside.ts";
import type { StageRequest } from "./request.ts";
import { Retries } from "./retries.ts";
import { unchangedAttempt } from "./unchanged.ts";

/** How it ended. */
export type StageEnd =
  & { used?: StageUsage }
  & (
    | { status: "ran"; record: ActionRecord }
    | { status: "failed"; failure: Failure; log: string | undefined }
    | { status: "interrupted" }
  );

/** Never rejects: what goes wrong, with the stage or around it, is how it ended. */
export async function runStage(
  stage: ReadyStage,
  given: Given,
  shop: Workshop,
): Promise<StageEnd> {
  const { instance, key } = stage;
  const { store } = shop;
  const stop = AbortSignal.any([shop.interruption.stop, given.claim.lost]);
  const interruption = { ...shop.interruption, stop };
  const work = store.work(key);
  const startedAt = new Date();
  const begun = performance.now();
  const collector = new Collector();
  const retries = new Retries(instance, key, shop.backOff);
  const { Usage } = await import("./usage.ts"); // loaded only where a stage runs
  const usage = new Usage();
  try {
    const adopted = await shop.executor.adopt?.(work.folder) ?? false;
    const job = await prepareJob(stage, given, work, shop, adopted);
    new EventReader(work.events).read().forEach((event) => collector.add(event)); // interrupted before
    for (let tried = 1;; tried++) {
      if (!adopted || tried > 1) emptyOutputs(job.request);
      const { resources } = retries;
      const attemptBegun = performance.now();
      const outcome = await unchangedAttempt(
        given,
        withHolding(job, instance, {
          holding: given.holding,
          resources,
        }),
        {
          timeoutSeconds: instance.timeoutSeconds,
          graceSeconds: instance.graceSeconds,
          interruption,
          onEvent(event) {
            collector.add(event);
            if (event.type === "progress" || event.type === "log") {
              const { at: _, ...said } = event;
              shop.emit({ ...said, id: instance.id });
            }
          },
        },
        shop.executor,
      );
      if (outcome.status === "interrupted") {
        usage.add(outcome);
        return { ...given.claim.isHeld() ? outcome : takenOver(stage), used: usage.result() };
      }
      const failure = outcome.status === "failed" ? outcome.failure : findEmptyOutput(job.request);
      const attemptSeconds = (performance.now() - attemptBegun) / 1000;
      usage.add(outcome, failure && { attempt: tried, ...failure, seconds: attemptSeconds });
      if (!failure) break;
      const next = retries.next(failure);
      if (!next) return { status: "failed", failure, log: work.log, used: usage.result() };
      shop.emit({ type: "retrying", id: instance.id, failure, ...next });
      given.holding.release(); // others may use it meanwhile
      await sleep(next.waitSeconds, interruption.stop);
      const isBack = await given.holding.retake(retries.resources, interruption.stop);
      if (!isBack) return { status: "interrupted", used: usage.result() };
    }

    const seconds = (performance.now() - begun) / 1000; // clocks of the wall may jump
    const outputs: Record<string, string> = {};
    for (const [name, folder] of Object.entries(job.request.outputs)) {
      outputs[name] = await store.ingest(folder, `output "${name}" of stage "${instance.id}"`);
    }
    // Loaded only where a stage has run.
    const { noteReads } = await import("../plan/unread.ts");
    const { usedParams } = await import("./used_params.ts");
    // The next runner begins by emptying the folders, so what was read of them may be half of it.
    if (!given.claim.isHeld()) return { ...takenOver(stage), used: usage.result() };
    const record: ActionRecord = {
      key,
      material: stage.material,
      outputs,
      ...collector.result(),
      ...usage.result(),
      ...(collector.reads && { readParams: usedParams(instance, collector.reads) }),
      madeBy: { pipeline: shop.pipeline, id: instance.id },
      ...outsideOf(instance),
      startedAt: startedAt.toISOString(),
      seconds,
      host: describeHost(),
      log: store.putFile(work.log),
    };
    store.putRecord(record);
    noteReads(store, record);
    // From here on it is a hit; what follows only tidies up.
    removeFolder(work.folder); // checkpoints too
    return { status: "ran", record, used: usage.result() };
  } catch (error) {
    const kind = error instanceof LinkError ? "mistake" : "store";
    const message = inLines(explain(store.folder, "write to the store", error));
    const log = eventsLength(work.log) > 0 ? work.log : undefined;
    return { status: "failed", failure: { kind, message }, log, used: usage.result() };
  }
}

function takenOver({ instance: { id } }: ReadyStage): StageEnd {
  const message = `another runner has taken over stage "${id}": this one gave no sign of life\n` +
    `  run again to take what that one makes`;
  return { status: "failed", failure: { kind: "store", message }, log: undefined };
}

function findEmptyOutput({ id, outputs }: StageRequest): Failure | undefined {
  for (const [name, folder] of Object.entries(outputs)) {
    if (Deno.readDirSync(folder)[Symbol.iterator]().next().done) {
      const message = `stage "${id}" finished but left its output "${name}" empty\n` +
        `  it must write at least one file to context.outputs.${name}`;
      return { kind: "output", message };
    }
  }
}

function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener("abort", done);
  });
}
