/**
 * Puts the settings side by side, in the order of the paper's tables.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, many } from "../runner/stage.ts";

export default defineStage({
  summary: "Compare evaluated settings in one table",
  params: z.strictObject({
    columns: z.array(z.string()).default([]).describe("Metrics to show beside the main one"),
  }),
  inputs: { metrics: many(artifact("metrics")) },
  outputs: { comparison: artifact("comparison") },

  async run({ params, inputs, outputs, report }) {
    const { compare, toMarkdown } = await import("../ml/train/comparison.ts");
    const comparison = await compare(Object.values(inputs.metrics), params.columns);
    const { title, columns, rows } = comparison;
    report.table(title, columns, rows);
    await Deno.writeTextFile(
      `${outputs.comparison}/comparison.json`,
      JSON.stringify(comparison, null, 2) + "\n",
    );
    await Deno.writeTextFile(`${outputs.comparison}/comparison.md`, toMarkdown(comparison));
  },
});
