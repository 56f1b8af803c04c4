import assert from "node:assert/strict";
import { develop, newCanvas } from "../../../ml/data/canvas.ts";
import { CLASSES, CROP_CLASSES, LETTERS } from "../../../ml/data/letters.ts";
import { drawImage, type SyntheticImage } from "../../../ml/data/synthetic.ts";
import { stream } from "../../../ml/tensor/random.ts";

const draw = (i: number, options = {}) => drawImage(stream(1, "test", i), options);

Deno.test("a stream draws one picture, another stream another one", () => {
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1).picture.data, draw(2).picture.data);
});

Deno.test("pictures are as large and hold as many objects as they should", () => {
  const images = Array.from({ length: 60 }, (_, i) => draw(i));
  for (const { picture, objects, mask } of images) {
    assert.deepEqual([picture.width, picture.height], [96, 96]);
    assert.equal(picture.data.length, 96 * 96 * 3);
    assert.equal(mask.length, 96 * 96);
    assert.ok(objects.length >= 1 && objects.length <= 5);
    for (const { box: [x1, y1, x2, y2], letter } of objects) {
      assert.ok(x1 >= 0 && y1 >= 0 && x2 <= 96 && y2 <= 96);
      for (const side of [x2 - x1, y2 - y1]) assert.ok(side >= 15 && side <= 33, `side ${side}`);
      assert.ok(Number.isInteger(letter) && letter >= 0 && letter < 8);
    }
  }
  const mean = images.reduce((sum, { objects }) => sum + objects.length, 0) / images.length;
  assert.ok(mean > 3.5 && mean < 4.4, `${mean} objects per picture`); // 996 in 250 in the recipe
  const letters = new Set(images.flatMap(({ objects }) => objects.map(({ letter }) => letter)));
  assert.equal(letters.size, CLASSES.length);
});

Deno.test("the mask is the plates with their letters' numbers, and boxes are tight", () => {
  for (let i = 0; i < 20; i++) {
    const { objects, mask } = draw(i, { objects: [1, 1], blankProbability: 0 });
    assert.equal(objects.length, 1);
    const [{ box, letter }] = objects;
    assert.deepEqual(boxOf(mask, letter + 1), box);
    assert.ok(mask.every((value) => value === 0 || value === letter + 1));
  }
});

Deno.test("a blank plate covers background in the mask and is no object", () => {
  const { objects, mask } = draw(5, { objects: [0, 0], blankProbability: 1 });
  assert.equal(objects.length, 0);
  assert.ok(mask.every((value) => value === 0));
  const without = draw(5, { objects: [0, 0], blankProbability: 0 });
  assert.notDeepEqual(
    without.picture.data,
    draw(5, { objects: [0, 0], blankProbability: 1 }).picture.data,
  );
});

Deno.test("letters are drawn with strokes that differ clearly from their plate", () => {
  for (let i = 0; i < 30; i++) {
    const image = draw(i, { size: 32, objects: [1, 1], blankProbability: 0, grain: 0 });
    assert.ok(contrast(image) >= .1, `picture ${i}: ${contrast(image)}`);
  }
});

Deno.test("every letter is symmetric, so that a mirrored picture keeps its class", () => {
  for (const [name, lines] of Object.entries(LETTERS)) {
    const segments = (mirror: boolean) =>
      lines.flatMap((line) =>
        line.slice(1).map((end, i) =>
          [line[i], end].map(([x, y]) => `${(mirror ? 1 - x : x).toFixed(3)},${y.toFixed(3)}`)
            .sort().join(" ")
        )
      ).sort();
    assert.deepEqual(segments(true), segments(false), name);
  }
  assert.deepEqual(CLASSES.join(""), "AHMOUWX8");
  assert.deepEqual(CROP_CLASSES.join(""), "AHMOUWX8YVTI");
});

Deno.test("grain is normal with the asked deviation", () => {
  const size = 128;
  const { data } = develop(newCanvas(size, [.5, .5, .5]), .03, stream(1, "grain"));
  const values = [...data].map((v) => v / 255 - .5);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const moment = (n: number) => values.reduce((a, b) => a + (b - mean) ** n, 0) / values.length;
  assert.ok(Math.abs(mean) < .001, `mean ${mean}`);
  assert.ok(Math.abs(Math.sqrt(moment(2)) - .03) < .001, `deviation ${Math.sqrt(moment(2))}`);
  assert.ok(Math.abs(moment(4) / moment(2) ** 2 - 3) < .15, "tails of a normal distribution");
});

function boxOf(mask: Uint8Array, value: number) {
  const size = Math.sqrt(mask.length);
  const at = [...mask].flatMap((v, i) => v === value ? [i] : []);
  const xs = at.map((i) => i % size), ys = at.map((i) => Math.floor(i / size));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

/** Largest difference, in one channel, between the plate's most frequent colour and its letter. */
function contrast({ picture, mask }: SyntheticImage): number {
  const plate = [...mask].flatMap((v, i) => v > 0 ? [i] : []);
  return Math.max(...[0, 1, 2].map((c) => {
    const values = plate.map((i) => picture.data[i * 3 + c]).sort((a, b) => a - b);
    const middle = values[values.length >> 1];
    return Math.max(
      middle - values[values.length >> 5],
      values.at(-1 - (values.length >> 5))! - middle,
    );
  })) / 255;
}
