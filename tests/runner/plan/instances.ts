/**
 * Stage instances for tests of plans.
 *
 * @module
 */
import { z } from "zod";
import type { Pipeline, StageInstance } from "../../../runner/pipeline/instance.ts";
import { artifact, many, type StageContract } from "../../../runner/stage.ts";

const contract: StageContract = {
  summary: "Do nothing",
  params: z.looseObject({}),
  inputs: { from: artifact("thing"), all: many(artifact("thing")) },
  outputs: { made: artifact("thing") },
  async run() {},
};

/** A stage that uses `stages/<uses>.ts`, with what the test cares about. */
export function instance(given: Partial<StageInstance> & { id: string }): StageInstance {
  return {
    aliases: [],
    name: given.id,
    uses: "make",
    contract,
    params: {},
    modules: [],
    externals: [],
    inputs: {},
    resources: { cpu: 1, gpu: 0 },
    retries: 0,
    ...given,
  };
}

/** The same contract for a stage that computes. */
export const computing: StageContract = { ...contract, compute: true };

/** A pipeline named `tiny`. */
export function pipeline(stages: StageInstance[]): Pipeline {
  return { name: "tiny", file: "tiny.yaml", profile: "default", params: {}, stages };
}
