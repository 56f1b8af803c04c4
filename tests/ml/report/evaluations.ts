/**
 * Evaluated settings for tests: two images of 4x4 pixels, made up numbers.
 *
 * @module
 */
import { blankPicture } from "../../../ml/image/picture.ts";
import { writeEvaluation } from "../../../ml/report/write_evaluation.ts";
import type { SettingEvaluation, SettingMetrics } from "../../../ml/evaluation/evaluate_setting.ts";

/** Numbers of a setting. */
export function metricsOf(
  setting: SettingMetrics["setting"],
  label: string,
  metrics: SettingMetrics["metrics"],
): SettingMetrics {
  return {
    setting,
    label,
    variant: null,
    seed: 1,
    scale: 4,
    network: setting === "h2t" || setting === "l2t" ? null : "edsr",
    images: 2,
    mainMetric: "AP",
    metrics,
    perClass: { "<A>": metrics.AP, B: null },
  };
}

/** Writes an evaluation with one picture and two curves. */
export async function writeSome(
  folder: string,
  metrics: SettingMetrics,
  maps?: SettingEvaluation["pictures"][number]["maps"],
): Promise<void> {
  const evaluation: SettingEvaluation = {
    metrics,
    predictions: [],
    curves: { task: [[1, 2], [2, 0.5]], pixel: [[1, 0.1], [2, 0]] },
    pictures: [{
      index: 0,
      low: blankPicture(1, 1),
      seen: blankPicture(4, 4, [255, 0, 0]),
      original: blankPicture(4, 4, [0, 0, 255]),
      name: `"0".png`,
      truth: [
        { box: [0, 0, 2, 2], label: "<A>", kind: "truth" },
        { box: [2, 2, 4, 4], label: "B", kind: "truth" },
      ],
      found: [
        { box: [2, 2, 4, 4], label: "B", kind: "missed" },
        { box: [0, 0, 2, 2], label: "<A>", score: 0.987, kind: "right" },
        { box: [0, 1, 2, 3], label: "B", score: 0.5, kind: "wrong" },
      ],
      ...maps === undefined ? {} : { maps },
    }],
  };
  await writeEvaluation(folder, evaluation);
}
