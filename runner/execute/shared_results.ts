/**
 * Results that other machines have made, as a run sees them.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";
import type { RemoteCache } from "../store/remote/remote.ts";
import type { ReadyStage } from "./job.ts";
import type { RunEvent } from "./run_event.ts";

/** Where a run looks before it runs a stage, and gives what it has made. */
export interface SharedResults {
  /** Whether looking is worth it. */
  readonly answers: boolean;
  /** Brings a stage's result into the store, if there is one. Never fails: then there is none. */
  fetch(stage: ReadyStage): Promise<ActionRecord | undefined>;
  /** Gives a result to the others, beside whatever else is done. */
  give(record: ActionRecord): void;
}

/** Milliseconds that a transfer takes before it is worth a line. */
const WORTH_TELLING = 1000;

/** Uses a remote cache, and tells of transfers that take long. */
export function sharedResults(remote: RemoteCache, emit: (event: RunEvent) => void): SharedResults {
  return {
    get answers() {
      return remote.answers;
    },
    async fetch({ instance, key }) {
      const what = `${instance.id} from the remote cache`;
      const begun = performance.now();
      const outputs = Object.keys(instance.contract.outputs);
      const record = await remote.fetch({ key, outputs }, (done, total) => {
        if (performance.now() - begun < WORTH_TELLING) return;
        emit({ type: "setup", what, done, total, unit: "bytes" });
      });
      emit({ type: "setup-done", what });
      return record;
    },
    give: (record) => remote.giveLater(record),
  };
}

/** Waits at the end of a run until the others have what it made. */
export async function finishSharing(
  remote: RemoteCache,
  emit: (event: RunEvent) => void,
): Promise<void> {
  const what = "sharing results";
  await remote.finish((done, total) => emit({ type: "setup", what, done, total, unit: "bytes" }));
  emit({ type: "setup-done", what });
}
