/**
 * A stage that does nothing, for tests of what a stage reaches.
 *
 * @module
 */
import { z } from "zod";
import { defineStage } from "../../../runner/stage.ts";
import type { KeyMaterial } from "../../../runner/plan/record.ts";

/** Only a type: not part of the code. */
export type Nothing = KeyMaterial;

export default defineStage({
  summary: "Do nothing",
  params: z.strictObject({}),
  inputs: {},
  outputs: {},
  async run() {},
});
