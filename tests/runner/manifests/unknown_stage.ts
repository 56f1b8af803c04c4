/**
 * A stage that is to be run now, for tests of what is made of it.
 *
 * @module
 */
import type { Due } from "../../../runner/manifests/wave.ts";
import { instance } from "../execute/instance.ts";

/** Its inputs are not known yet. */
export function unknownStage(id: string, given: Parameters<typeof instance>[1] = {}): Due {
  const material = {
    format: 1 as const,
    stage: { name: id, version: 1 },
    code: {},
    params: {},
    inputs: {},
    runtime: {},
  };
  const planned = {
    instance: instance(id, given),
    status: "unknown" as const,
    waitsFor: [],
    material,
    reason: "waits",
  };
  return { planned, needs: [] };
}
