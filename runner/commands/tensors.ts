/**
 * Makes the tensor library ready for stages that compute, and says how that goes.
 *
 * @module
 */
import type { PreparedRuntime } from "../execute/runtime_gate.ts";
import type { View } from "../ui/view.ts";
import type { PlanOptions, Surroundings } from "./options.ts";

/** The first time it may be a download. */
export async function prepareTensors(
  { backend }: PlanOptions,
  { tensors }: Surroundings,
  view: View,
): Promise<PreparedRuntime> {
  const { prepareRuntime } = await tensors();
  try {
    const { env, read, notice, ...runtime } = await prepareRuntime(
      backend,
      (done, total, what) => view.show({ type: "setup", what, done, total, unit: "bytes" }),
    );
    if (notice !== undefined) view.show({ type: "notice", text: notice });
    return { runtime, access: { env, read } };
  } finally {
    view.show({ type: "setup-done" });
  }
}
