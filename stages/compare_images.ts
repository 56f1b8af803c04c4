/**
 * Puts networks that enlarge pictures beside bicubic enlargement: a table and a report.
 *
 * @module
 */
import { z } from "zod";
import { artifact, defineStage, many } from "../runner/stage.ts";

export default defineStage({
  summary: "Compare enlarged pictures: a table, and a page with details side by side",
  params: z.strictObject({
    title: z.string().default("Super-resolution beside bicubic").describe("Heading of the page"),
  }),
  inputs: { metrics: many(artifact("image_metrics")) },
  outputs: { comparison: artifact("comparison") },
  images: true,

  async run({ params, inputs, outputs, report }) {
    const { readImageResult } = await import("../ml/report/image_folder.ts");
    const { imageMarkdown, renderImagePage } = await import("../ml/report/image_page.ts");
    const { groupResults, tableOf } = await import("../ml/report/image_results.ts");

    const groups = groupResults(
      await Promise.all(Object.values(inputs.metrics).map(readImageResult)),
    );
    const table = tableOf(groups);
    report.table(table.title, table.columns, table.rows);
    const write = (name: string, text: string) =>
      Deno.writeTextFile(`${outputs.comparison}/${name}`, text);
    await write("comparison.json", JSON.stringify(table, null, 2) + "\n");
    await write("comparison.md", imageMarkdown(table));
    await write("report.html", await renderImagePage(params.title, table, groups));
  },
});
