import assert from "node:assert/strict";
import {
  type DetectedBox,
  evaluateDetections,
  type GroundTruth,
} from "../../../ml/metrics/coco_map.ts";

/** One class, boxes as given; all medium-sized unless said. */
function world(
  objects: { image?: number; box: number[]; area?: number; crowd?: number }[],
  images = [1, 2],
): GroundTruth {
  return {
    images: images.map((id) => ({ id })),
    categories: [{ id: 7 }],
    annotations: objects.map(({ image = 1, box, area = box[2] * box[3], crowd = 0 }) => ({
      image_id: image,
      category_id: 7,
      bbox: box,
      area,
      iscrowd: crowd,
    })),
  };
}

function found(score: number, bbox: number[], image_id: number | string = 1): DetectedBox {
  return { image_id, category_id: 7, bbox, score };
}

/** To nine places: a precision of 1 is one rounding below it, as in the original. */
function rounded(...values: number[]): number[] {
  return values.map((value) => Number(value.toFixed(9)));
}

const A = [0, 0, 50, 50];
const B = [100, 0, 50, 50];

Deno.test("evaluateDetections() gives 1 for exact boxes and -1 where nothing is of that size", () => {
  const { perClass, ...numbers } = evaluateDetections(world([{ box: A }]), [found(0.9, A)]);
  const names = Object.keys(numbers);
  const values = rounded(...Object.values(numbers));
  assert.deepEqual(Object.fromEntries(names.map((name, i) => [name, values[i]])), {
    AP: 1,
    AP50: 1,
    AP75: 1,
    AP_small: -1,
    AP_medium: 1,
    AP_large: -1,
    AR_1: 1,
    AR_10: 1,
    AR_100: 1,
    AR_small: -1,
    AR_medium: 1,
    AR_large: -1,
  });
  const [{ category_id, ...own }] = perClass;
  assert.equal(category_id, 7);
  assert.deepEqual(rounded(...Object.values(own)), [1, 1, 1, 1]); // AP, AP50, AP75, AR_100
});

Deno.test("evaluateDetections() gives 0, not -1, for objects without detections", () => {
  const { AP, AR_100 } = evaluateDetections(world([{ box: A }]), []);
  assert.deepEqual([AP, AR_100], [0, 0]);
});

Deno.test("a class without objects does not count", () => {
  const truth = { ...world([{ box: A }]), categories: [{ id: 7 }, { id: 9 }] };
  const { AP, perClass } = evaluateDetections(truth, [found(0.9, A)]);
  assert.deepEqual(rounded(AP, ...perClass.map(({ AP }) => AP)), [1, 1, -1]);
});

Deno.test("an overlap equal to the threshold is a match", () => {
  const { AP50, AP75 } = evaluateDetections(world([{ box: A }]), [found(0.9, [0, 0, 50, 25])]);
  assert.deepEqual(rounded(AP50, AP75), [1, 0]);
});

Deno.test("the second detection of an object is false, and halves the precision behind it", () => {
  const truth = world([{ box: A }, { box: B }]);
  const { AP50 } = evaluateDetections(truth, [found(0.9, A), found(0.8, A), found(0.7, B)]);
  // Precision 1 up to recall 0.5 (51 of the 101 points), 2/3 beyond.
  assert.deepEqual(rounded(AP50), rounded((51 + 50 * 2 / 3) / 101));
});

Deno.test("a crowd takes any number of detections, and none of them counts", () => {
  const truth = world([{ box: A }, { box: [200, 0, 100, 100], crowd: 1 }]);
  const inside = [found(0.9, [210, 10, 50, 50]), found(0.8, [240, 40, 50, 50])];
  const { AP50, AR_100 } = evaluateDetections(truth, [...inside, found(0.1, A)]);
  assert.deepEqual(rounded(AP50, AR_100), [1, 1]);
});

Deno.test("the annotated area, not the box, says how large an object is", () => {
  const { AP_small, AP_medium } = evaluateDetections(world([{ box: A, area: 900 }]), [
    found(0.9, A),
  ]);
  assert.deepEqual(rounded(AP_small, AP_medium), [1, -1]);
});

Deno.test("equal scores keep the order of the images, then the order given", () => {
  const truth = world([{ box: A, image: 1 }, { box: A, image: 2 }]);
  const right = [found(0.5, A, 1), found(0.5, A, 2)];
  const wrong = found(0.5, B, 2);
  // The wrong box of image 2 comes before its right one, but after the one of image 1.
  const { AP50 } = evaluateDetections(truth, [wrong, ...right]);
  assert.deepEqual(rounded(AP50), rounded((51 + 50 * 2 / 3) / 101));
});

Deno.test("only the best 1, 10 and 100 detections of an image and class count", () => {
  const objects = Array.from({ length: 101 }, (_, i) => ({ box: [60 * i, 0, 50, 50] }));
  const boxes = objects.map(({ box }, i) => found(1 - i / 200, box));
  const { AR_1, AR_10, AR_100 } = evaluateDetections(world(objects), boxes);
  assert.deepEqual(rounded(AR_1, AR_10, AR_100), rounded(1 / 101, 10 / 101, 100 / 101));
});

Deno.test("evaluateDetections() names an image that the annotations do not list", () => {
  assert.throws(() => evaluateDetections(world([]), [found(0.5, A, "2008_000002")]), {
    name: "RangeError",
    message: 'Cannot evaluate a box in image "2008_000002": the annotations do not list it',
  });
});
