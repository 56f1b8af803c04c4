/**
 * Stage instances without files, for tests of what happens around them.
 *
 * @module
 */
import { z } from "zod";
import type { StageInstance } from "../../../runner/pipeline/instance.ts";
import { artifact, many, type StageContract } from "../../../runner/stage.ts";

const CONTRACT: StageContract = {
  summary: "Some stage",
  params: z.unknown(),
  inputs: { from: many(artifact("text")) },
  outputs: { out: artifact("text") },
  run: () => Promise.resolve(),
};

/** An instance that needs the output `out` of others. */
export function instance(
  id: string,
  { needs = [], contract = {}, ...rest }:
    & { needs?: string[]; contract?: Partial<StageContract> }
    & Partial<Omit<StageInstance, "contract">> = {},
): StageInstance {
  return {
    id,
    aliases: [],
    name: id,
    uses: "some",
    contract: {
      ...CONTRACT,
      ...contract,
    },
    params: {},
    modules: [],
    externals: [],
    inputs: needs.length > 0 ? { from: needs.map((id) => ({ id, output: "out" })) } : {},
    resources: { cpu: 1, gpu: 0 },
    retries: 0,
    ...rest,
  };
}
