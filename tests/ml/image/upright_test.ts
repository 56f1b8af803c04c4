/**
 * Pictures are turned as the codec's own library turns them.
 *
 * @module
 */
import assert from "node:assert/strict";
import sharp from "sharp";
import { upright } from "../../../ml/image/upright.ts";

const [width, height] = [3, 2];
const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => 11 * i);

for (let orientation = 1; orientation <= 8; orientation++) {
  Deno.test(`orientation ${orientation} is what sharp makes of it`, async () => {
    const file = await sharp(data, { raw: { width, height, channels: 3 } })
      .withMetadata({ orientation }).png().toBuffer();
    const expected = await sharp(file).autoOrient().raw().toBuffer({ resolveWithObject: true });
    const turned = upright({ width, height, data }, orientation);
    assert.deepEqual(
      [turned.width, turned.height, [...turned.data]],
      [expected.info.width, expected.info.height, [...expected.data]],
    );
  });
}

Deno.test("a picture that says nothing stays as it is", () => {
  const picture = { width, height, data };
  assert.equal(upright(picture, undefined), picture);
  assert.equal(upright(picture, 9), picture);
});
