/**
 * Puts settings side by side that were trained with several seeds: means, their spread, and which
 * differences from SR4IR are larger than chance.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, many } from "../runner/stage.ts";

export default defineStage({
  summary: "Compare settings over several seeds: mean, spread, differences from SR4IR",
  params: z.strictObject({
    title: z.string().default("The settings over several seeds").describe("Heading of the page"),
    columns: z.array(z.string()).default([]).describe("Metrics to show beside the main one"),
  }),
  inputs: { metrics: many(artifact("metrics")) },
  outputs: { comparison: artifact("comparison") },

  async run({ params, inputs, outputs, report }) {
    const { inOrder, toMarkdown } = await import("../ml/report/comparison.ts");
    const { readEvaluation } = await import("../ml/report/evaluation_folder.ts");
    const { renderRepeatedPage } = await import("../ml/report/repeated_page.ts");
    const { repeat, repeatedTable } = await import("../ml/report/repetitions.ts");

    const all = inOrder(await Promise.all(Object.values(inputs.metrics).map(readEvaluation)));
    const rows = repeat(all.map(({ metrics }) => metrics));
    const table = repeatedTable(rows, params.columns);
    report.table(table.title, table.columns, table.rows);
    for (const { first, summaries } of rows) {
      report.metric(first.label, summaries[first.mainMetric]?.mean ?? null);
    }
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${outputs.comparison}/${name}`, text);
    await write("comparison.json", JSON.stringify({ ...table, settings: rows }, null, 2) + "\n");
    await write("comparison.md", toMarkdown({ ...table, best: [] }));
    await write("report.html", await renderRepeatedPage(params.title, table, rows, all));
  },
});
