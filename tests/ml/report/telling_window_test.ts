import assert from "node:assert/strict";
import { blankPicture } from "../../../ml/image/picture.ts";
import { cut, tellingWindow } from "../../../ml/report/telling_window.ts";

/** Black, but for a white dot. */
function dotted(width: number, height: number, x: number, y: number) {
  const picture = blankPicture(width, height);
  picture.data.fill(255, 3 * (y * width + x), 3 * (y * width + x) + 3);
  return picture;
}

Deno.test("the window is where two pictures differ most, a fifth of the shorter side", () => {
  const black = blankPicture(400, 300);
  assert.deepEqual(tellingWindow(black, dotted(400, 300, 0, 0)), { x: 0, y: 0, size: 60 });
  // Blocks of 30: the dot is in block (7, 5), so the first window with it begins one block before.
  assert.deepEqual(tellingWindow(black, dotted(400, 300, 225, 170)), { x: 180, y: 120, size: 60 });
  assert.deepEqual(tellingWindow(dotted(400, 300, 389, 299), black), { x: 330, y: 240, size: 60 });
});

Deno.test("the window stays inside small pictures", () => {
  const window = tellingWindow(blankPicture(40, 21), dotted(40, 21, 39, 20));
  assert.ok(window.x + window.size <= 40 && window.y + window.size <= 21);
  assert.equal(window.size, 20);
});

Deno.test("pictures of two sizes have no common window", () => {
  assert.throws(() => tellingWindow(blankPicture(4, 4), blankPicture(4, 5)), {
    name: "InputError",
    message: "Cannot compare a picture of 4x4 with one of 4x5",
  });
});

Deno.test("what is cut out of a picture is the window's pixels", () => {
  const picture = dotted(6, 5, 3, 2);
  assert.deepEqual(cut(picture, { x: 2, y: 1, size: 3 }), dotted(3, 3, 1, 1));
});
