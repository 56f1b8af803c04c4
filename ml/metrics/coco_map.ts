/**
 * COCO's evaluation of detected boxes, equal to pycocotools' in all twelve numbers.
 *
 * Known number: the original gives AP 0.3537466 for the boxes in
 * `tests/fixtures/metrics/coco_basic.json`.
 *
 * Source: Lin et al., "Microsoft COCO: Common Objects in Context", ECCV 2014; pycocotools 2.0.11.
 *
 * @module
 */
import {
  AREA,
  byScore,
  type ClassOutcomes,
  type Curve,
  curve,
  MAX_DETECTIONS,
} from "./coco_curve.ts";
import { AREA_RANGES, IOU_THRESHOLDS, matchImage, type Objects } from "./coco_matching.ts";

/** Images are numbers in COCO's own files, strings where the file name is the id. */
export type ImageId = number | string;

/** The part of a COCO annotation file that counts here. */
export interface GroundTruth {
  /** All that were looked at, with objects or without. */
  images: readonly { id: ImageId }[];
  /** The classes that count. */
  categories: readonly { id: number }[];
  /** The objects. */
  annotations: readonly {
    image_id: ImageId;
    category_id: number;
    /** x, y, width, height in pixels. */
    bbox: readonly number[];
    /** Square pixels; decides what is small and large. */
    area: number;
    iscrowd?: number | undefined;
  }[];
}

/** One detected box. */
export interface DetectedBox {
  /** A listed image. */
  image_id: ImageId;
  /** A listed class, or it does not count. */
  category_id: number;
  /** x, y, width, height in pixels of the original image. */
  bbox: readonly number[];
  /** Any scale; only the order counts. */
  score: number;
}

/** What one class reaches, in 0 … 1; -1 where it has no object. */
export interface ClassResult {
  /** As in the annotations. */
  category_id: number;
  /** Average precision over IoU thresholds 0.50 … 0.95. */
  AP: number;
  /** … at IoU 0.50. */
  AP50: number;
  /** … at IoU 0.75. */
  AP75: number;
  /** Average recall with 100 detections per image. */
  AR_100: number;
}

/** The twelve numbers, in 0 … 1; -1 where there is nothing to average. */
export interface CocoResult {
  /** Over IoU thresholds 0.50 … 0.95: the number that papers call mAP. */
  AP: number;
  /** Average precision at IoU 0.50. */
  AP50: number;
  /** Average precision at IoU 0.75. */
  AP75: number;
  /** AP of objects up to 32² square pixels. */
  AP_small: number;
  /** AP of objects from 32² to 96² square pixels. */
  AP_medium: number;
  /** AP of objects from 96² square pixels. */
  AP_large: number;
  /** Average recall with one detection per image and class. */
  AR_1: number;
  /** Average recall with 10. */
  AR_10: number;
  /** Average recall with 100. */
  AR_100: number;
  /** AR_100 of small objects. */
  AR_small: number;
  /** AR_100 of medium objects. */
  AR_medium: number;
  /** AR_100 of large objects. */
  AR_large: number;
  /** Rising category id. */
  perClass: ClassResult[];
}

/**
 * Evaluates detections.
 *
 * Detections of categories that are not listed do not count, as in the original; of one image and
 * category the 100 best count. The order of equal scores follows the image ids, then the order
 * given.
 *
 * @throws {RangeError} if a detection lies in an image that is not listed
 */
export function evaluateDetections(
  groundTruth: GroundTruth,
  detections: readonly DetectedBox[],
): CocoResult {
  const places = imagePlaces(groundTruth);
  for (const { image_id } of detections) {
    if (!places.has(image_id)) {
      throw new RangeError(
        `Cannot evaluate a box in image ${
          JSON.stringify(image_id)
        }: the annotations do not list it`,
      );
    }
  }
  const objectsOf = Map.groupBy(groundTruth.annotations, (object) => object.category_id);
  const boxesOf = Map.groupBy(detections, (box) => box.category_id);
  const ids = [...new Set(groundTruth.categories.map(({ id }) => id))].sort((a, b) => a - b);
  const classes = ids.map((category_id) => {
    const outcomes = matchClass(
      Map.groupBy(objectsOf.get(category_id) ?? [], (object) => object.image_id),
      Map.groupBy(boxesOf.get(category_id) ?? [], (box) => box.image_id),
      places,
    );
    return { category_id, ...curves(outcomes) };
  });
  const [half, threeQuarters] = [0.5, 0.75].map((iou) => IOU_THRESHOLDS.indexOf(iou));
  const AP = (all: (Curve | undefined)[], t?: number) =>
    mean(all.map((curve) => curve?.precision), t);
  const AR = (all: (Curve | undefined)[]) => mean(all.map((curve) => curve?.recall));
  const byArea = (range: number) => classes.map(({ area }) => area[range]);
  return {
    AP: AP(byArea(AREA.all)),
    AP50: AP(byArea(AREA.all), half),
    AP75: AP(byArea(AREA.all), threeQuarters),
    AP_small: AP(byArea(AREA.small)),
    AP_medium: AP(byArea(AREA.medium)),
    AP_large: AP(byArea(AREA.large)),
    AR_1: AR(classes.map(({ best1 }) => best1)),
    AR_10: AR(classes.map(({ best10 }) => best10)),
    AR_100: AR(byArea(AREA.all)),
    AR_small: AR(byArea(AREA.small)),
    AR_medium: AR(byArea(AREA.medium)),
    AR_large: AR(byArea(AREA.large)),
    perClass: classes.map(({ category_id, area }) => ({
      category_id,
      AP: AP([area[AREA.all]]),
      AP50: AP([area[AREA.all]], half),
      AP75: AP([area[AREA.all]], threeQuarters),
      AR_100: AR([area[AREA.all]]),
    })),
  };
}

/** Place of every image in rising id order: numbers by value, strings by code unit. */
function imagePlaces({ images }: GroundTruth): Map<ImageId, number> {
  const ids = [...new Set(images.map(({ id }) => id))];
  ids.sort((a, b) => typeof a === "number" && typeof b === "number" ? a - b : a < b ? -1 : 1);
  return new Map(ids.map((id, place) => [id, place]));
}

/** Curves of one class: all its areas at 100 detections an image, the whole at 1 and 10. */
function curves(outcomes: ClassOutcomes) {
  const order = byScore(outcomes);
  const [one, ten, hundred] = MAX_DETECTIONS;
  return {
    area: AREA_RANGES.map((_, range) => curve(outcomes, order, range, hundred)),
    best1: curve(outcomes, order, AREA.all, one),
    best10: curve(outcomes, order, AREA.all, ten),
  };
}

/** Matches one class in every image, and puts the images one after the other in rising id order. */
function matchClass(
  objects: Map<ImageId, GroundTruth["annotations"]>,
  boxes: Map<ImageId, readonly DetectedBox[]>,
  places: Map<ImageId, number>,
): ClassOutcomes {
  const images = [...new Set([...objects.keys(), ...boxes.keys()])]
    .filter((id) => places.has(id))
    .sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
  const counted = new Int32Array(AREA_RANGES.length);
  const [scores, ranks]: number[][] = [[], []];
  const matched = images.map((id) => {
    const best = (boxes.get(id) ?? []).toSorted((a, b) => b.score - a.score)
      .slice(0, Math.max(...MAX_DETECTIONS));
    best.forEach(({ score }, rank) => {
      scores.push(score);
      ranks.push(rank);
    });
    const result = matchImage(
      Float64Array.from(best.flatMap(({ bbox }) => bbox)),
      packed(objects.get(id) ?? []),
    );
    result.counted.forEach((n, range) => counted[range] += n);
    return result.outcomes;
  });
  return {
    scores: Float64Array.from(scores),
    ranks: Int32Array.from(ranks),
    outcomes: joined(matched),
    counted,
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

function packed(objects: GroundTruth["annotations"]): Objects {
  return {
    boxes: Float64Array.from(objects.flatMap(({ bbox }) => bbox)),
    areas: Float64Array.from(objects, ({ area }) => area),
    crowd: Uint8Array.from(objects, ({ iscrowd }) => iscrowd ? 1 : 0),
  };
}

/** Mean over the classes that have objects, at one threshold or over all; -1 if none has. */
function mean(values: readonly (Float64Array | undefined)[], threshold?: number): number {
  const numbers = values.filter((row) => row !== undefined).flatMap((row) =>
    threshold === undefined ? [...row] : [row[threshold]]
  );
  return numbers.length === 0 ? -1 : numbers.reduce((a, b) => a + b, 0) / numbers.length;
}
