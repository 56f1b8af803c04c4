/**
 * After checks: the others get the records that now say what was verified.
 *
 * @module
 */
import type { StageCheck } from "../check/outcome_text.ts";
import type { RunResult } from "../execute/run_event.ts";
import { finishSharing } from "../execute/shared_results.ts";
import type { RemoteCache } from "../store/remote/remote.ts";
import type { Store } from "../store/store.ts";
import type { View } from "../ui/view.ts";

/** Gives the results of the stages that have passed, and waits until that is done. */
export async function shareVerified(
  remote: RemoteCache,
  checks: StageCheck[],
  { store, result, openView }: { store: Store; result: RunResult; openView: () => View },
): Promise<void> {
  const passed = new Set(
    checks.filter(({ status }) => status === "verified").map(({ id }) => id),
  );
  for (const { id, key } of result.stages) {
    const record = key !== null && passed.has(id) ? store.getRecord(key) : undefined;
    if (record) remote.giveLater(record);
  }
  const view = openView();
  try {
    await finishSharing(remote, (event) => view.show(event));
  } finally {
    view.close();
  }
}
