import assert from "node:assert/strict";
import { contactSheet, drawBars, drawMarks, enlarge } from "../../../ml/image/draw.ts";
import { textWidth } from "../../../ml/image/font.ts";
import { blankPicture, type Picture } from "../../../ml/image/picture.ts";

/** One sign per pixel: `.` black, `#` white, `o` anything else. */
function show({ width, height, data }: Picture): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const [r, g, b] = data.subarray((y * width + x) * 3);
      return r + g + b === 0 ? "." : r + g + b === 765 ? "#" : "o";
    }).join(""));
}

Deno.test("drawMarks() draws the outermost pixels of a box and leaves the input alone", () => {
  const picture = blankPicture(6, 5);
  const drawn = drawMarks(picture, [{ box: [1, 1, 5, 4], ink: [255, 255, 255] }]);
  assert.deepEqual(show(drawn), [
    "......",
    ".####.",
    ".#..#.",
    ".####.",
    "......",
  ]);
  assert.deepEqual(picture, blankPicture(6, 5));
});

Deno.test("drawMarks() writes the name above the box", () => {
  const drawn = drawMarks(blankPicture(6, 9), [
    { box: [0, 7, 5, 9], text: "H", ink: [255, 255, 255] },
  ]);
  assert.deepEqual(show(drawn), [
    "#####.",
    "#.#.#.",
    "#.#.#.",
    "#...#.",
    "#.#.#.",
    "#.#.#.",
    "#####.",
    "#####.",
    "#####.",
  ]);
});

Deno.test("drawMarks() clips what lies outside", () => {
  const drawn = drawMarks(blankPicture(3, 3), [
    { box: [-5, -5, 2, 2], ink: [255, 255, 255] },
  ]);
  assert.deepEqual(show(drawn), [".#.", "##.", "..."]);
});

Deno.test("textWidth() counts a pixel between signs, and unknown signs as question marks", () => {
  assert.equal(textWidth("HI"), 7);
  assert.equal(textWidth("1"), 2);
  assert.equal(textWidth("§"), textWidth("?"));
});

Deno.test("enlarge() makes every pixel a block", () => {
  const picture: Picture = { width: 2, height: 1, data: new Uint8Array([0, 0, 0, 255, 255, 255]) };
  assert.deepEqual(show(enlarge(picture, 2)), ["..##", "..##"]);
});

Deno.test("contactSheet() aligns columns and rows", () => {
  const black = (width: number, height: number) => blankPicture(width, height);
  const sheet = contactSheet([[black(1, 1), black(2, 2)], [black(2, 1)]], { gap: 1 });
  assert.deepEqual(show(sheet), [
    "#######",
    "#.##..#",
    "####..#",
    "#######",
    "#..####",
    "#######",
  ]);
});

Deno.test("contactSheet() puts captions above the columns", () => {
  const sheet = contactSheet([[blankPicture(1, 1)]], { gap: 1, captions: ["I"] });
  assert.deepEqual(show(sheet), [
    "#####",
    "#...#",
    "##.##",
    "##.##",
    "##.##",
    "#...#",
    "#####",
    "#.###",
    "#####",
  ]);
});

Deno.test("drawMarks() draws thicker lines and larger letters where it is told to", () => {
  const drawn = drawMarks(blankPicture(8, 6), [{ box: [0, 0, 8, 6], ink: [255, 255, 255] }], 2);
  assert.deepEqual(show(drawn), [
    "########",
    "########",
    "##....##",
    "##....##",
    "########",
    "########",
  ]);
});

Deno.test("drawBars() writes a line for each bar below the picture, and shows the smallest", () => {
  const drawn = drawBars(blankPicture(70, 1), [
    { text: "A", share: 1, ink: [0, 0, 0] },
    { text: "B", share: 0, ink: [9, 9, 9] },
  ]);
  const lines = show(drawn);
  assert.equal(drawn.height, 1 + 2 + 2 * 7);
  assert.equal(lines[0], ".".repeat(70));
  assert.match(lines[1], /^#+$/);
  assert.match(lines[3], /^##[.#]+#\.{40,}##$/);
  assert.match(lines[10], /^##[.#]+#oo#{30,}$/);
});
