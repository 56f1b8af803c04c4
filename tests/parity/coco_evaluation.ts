/**
 * COCO evaluation of boxes.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { evaluateDetections } from "../../ml/metrics/coco_map.ts";
import { at, checkNumber, entries, type Fixture } from "./harness.ts";

const table = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.number(), z.string()]))),
});

const id = z.union([z.number(), z.string()]);
const box = { x: z.number(), y: z.number(), width: z.number(), height: z.number() };
const annotation = z.object({
  image_id: id,
  category_id: z.number(),
  ...box,
  area: z.number(),
  iscrowd: z.number(),
});
const detection = z.object({ image_id: id, category_id: z.number(), ...box, score: z.number() });

/** Compares `metrics/coco*`, each number to 1e-9. */
export default function cocoEvaluation({ inputs, expected }: Fixture): void {
  const result = evaluateDetections(
    {
      images: records(at(inputs, "ground_truth", "images"), z.object({ id })),
      categories: z.array(z.int()).parse(at(inputs, "ground_truth", "categories"))
        .map((id) => ({ id })),
      annotations: records(at(inputs, "ground_truth", "annotations"), annotation).map(withBox),
    },
    records(at(inputs, "detections"), detection).map(withBox),
  );
  const stats = entries(at(expected, "stats"));
  assert.equal(stats.length, 12);
  checkNumbers(result, stats, "all classes");
  const perClass = z.array(z.looseObject({ category_id: z.int() })).parse(
    at(expected, "per_class"),
  );
  assert.equal(result.perClass.length, perClass.length);
  perClass.forEach((wanted, i) => {
    checkNumbers(result.perClass[i], entries(wanted), `class ${wanted.category_id}`);
  });
}

function checkNumbers(got: object, wanted: [string, unknown][], label: string): void {
  for (const [name, value] of wanted) {
    checkNumber(
      z.number().parse(at(got, name)),
      z.number().parse(value),
      1e-9,
      `${label}: ${name}`,
    );
  }
}

function records<T>(stored: unknown, schema: z.ZodType<T>): T[] {
  const { columns, rows } = table.parse(stored);
  return rows.map((row) => schema.parse(Object.fromEntries(columns.map((c, i) => [c, row[i]]))));
}

function withBox<T extends { x: number; y: number; width: number; height: number }>(record: T) {
  const { x, y, width, height } = record;
  return { ...record, bbox: [x, y, width, height] };
}
