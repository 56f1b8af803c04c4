/**
 * Puts the costs of networks side by side: a table, also as JSON and Markdown.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, many } from "../runner/stage.ts";

export default defineStage({
  summary: "Compare what networks cost: parameters, multiply-accumulates, memory, latency",
  params: z.strictObject({
    title: z.string().default("One pass, one image").describe("Heading of the table"),
  }),
  inputs: { cost: many(artifact("cost")) },
  outputs: { comparison: artifact("comparison") },

  async run({ params, inputs, outputs, report }) {
    const { readCost } = await import("../ml/cost/cost.ts");
    const { costMarkdown, costTable } = await import("../ml/cost/table.ts");

    const costs = await Promise.all(Object.values(inputs.cost).map(readCost));
    const table = costTable(params.title, costs);
    report.table(table.title, table.columns, table.rows);
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${outputs.comparison}/${name}`, text);
    await write("cost.json", JSON.stringify(costs, null, 2) + "\n");
    await write("cost.md", costMarkdown(table));
  },
});
