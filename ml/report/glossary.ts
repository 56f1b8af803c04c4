/**
 * What metrics, settings and losses mean, in one line each, and how numbers are written.
 *
 * @module
 */
import type { SettingName } from "../train/setting_names.ts";

/** Metrics by name. */
export const METRICS: Readonly<Record<string, string>> = {
  AP:
    "Average precision over overlaps (IoU) of 0.50 to 0.95 and all classes, as COCO defines it, " +
    "in percent. This number counts.",
  AP50: "The same, but a box is right if it covers an object with an IoU of 0.50.",
  AP75: "The same with an IoU of 0.75: boxes must fit well.",
  AP_small: "AP of objects below 32² pixels.",
  AP_medium: "AP of objects from 32² to 96² pixels.",
  AP_large: "AP of objects above 96² pixels.",
  AR_1: "Recall with one detection per image and class, averaged over overlaps, in percent.",
  AR_10: "Recall with ten detections per image and class, in percent.",
  AR_100: "Recall with a hundred detections per image and class, in percent.",
  mIoU:
    "Intersection over union of what is and what was found to be of a class, averaged over the " +
    "classes that occur, background included, in percent. This number counts.",
  "mIoU official":
    "The same as the paper's code computes it: not defined where a class does not occur at all.",
  "pixel accuracy": "Share of pixels with the right class, in percent.",
  "Top-1": "Share of images whose class comes first, in percent. This number counts.",
  "Top-5": "Share of images whose class is among the first five, in percent.",
  PSNR: "How close the images that the task network saw are to the originals, in dB. " +
    "It says little about the task: the closest images need not be the most useful ones.",
};

/** Settings by name: S is the super-resolution network, T the task network. */
export const SETTING_MEANING: Readonly<Record<SettingName, string>> = {
  h2t: "T on the high-resolution originals: what could be reached if nothing were lost",
  l2t: "T on low-resolution images, enlarged without a network",
  s2t: "S learns to restore pixels; then T learns on what S makes",
  t2s: "T as in H→T; then S learns to please it",
  swt: "S and T learn together, from pixels and task at once",
  sr4ir:
    "S and T learn in turns; S also from the features of T, T also from originals and mixtures",
  label_free: "S learns for the T of H→T, which stays as it is, from pictures without labels",
  label_free_t: "then T learns as in SR4IR; that S stays as it is",
};

/** The setting that sees the originals, so that the others are not compared with it. */
export const ORACLE: SettingName = "h2t";

/** Losses by name. */
export const LOSSES: Readonly<Record<string, string>> = {
  task: "T's loss",
  pixel: "difference of S's pixels",
  tdp: "difference of T's features",
  sr: "T's loss on S's images",
  hr: "T's loss on originals",
  cqmix: "T's loss on mixtures",
};

/** Digits after the point: more would be noise. */
const DECIMALS: Readonly<Record<string, number>> = { PSNR: 2 };

/** The value as tables hold it. */
export function roundMetric(name: string, value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value.toFixed(decimals(name)));
}

/** The value as people read it: equal digits after the point, a dash for nothing. */
export function formatMetric(name: string, value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(decimals(name));
}

function decimals(name: string): number {
  return DECIMALS[name] ?? 1;
}
