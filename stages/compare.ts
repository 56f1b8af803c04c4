/**
 * Puts the settings side by side, in the order of the paper's tables: a table and a report.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, many } from "../runner/stage.ts";

export default defineStage({
  summary: "Compare evaluated settings: a table, and a page with pictures and curves",
  params: z.strictObject({
    title: z.string().default("The settings side by side").describe("Heading of the page"),
    columns: z.array(z.string()).default([]).describe("Metrics to show beside the main one"),
  }),
  inputs: { metrics: many(artifact("metrics")) },
  outputs: { comparison: artifact("comparison") },

  async run({ params, inputs, outputs, report }) {
    const { compare, inOrder, toMarkdown } = await import("../ml/report/comparison.ts");
    const { readEvaluation } = await import("../ml/report/evaluation_folder.ts");
    const { renderPage } = await import("../ml/report/page.ts");

    const all = inOrder(await Promise.all(Object.values(inputs.metrics).map(readEvaluation)));
    const comparison = compare(all.map(({ metrics }) => metrics), params.columns);
    report.table(comparison.title, comparison.columns, comparison.rows);
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${outputs.comparison}/${name}`, text);
    await write("comparison.json", JSON.stringify(comparison, null, 2) + "\n");
    await write("comparison.md", toMarkdown(comparison));
    await write("report.html", await renderPage(params.title, comparison, all));
  },
});
