/**
 * Measuring S by what a task network says, with a task network that says the picture's first value.
 *
 * @module
 */
import assert from "node:assert/strict";
import { pngBytes } from "../../../ml/image/codec.ts";
import { matlabResize } from "../../../ml/image/matlab_resize.ts";
import type { Picture } from "../../../ml/image/picture.ts";
import type { AgreementCount } from "../../../ml/predict/agreement.ts";
import {
  type Judge,
  measureAdapted,
  type MeasureOptions,
} from "../../../ml/predict/measure_adapted.ts";
import { Params } from "../../../ml/nn/params.ts";
import type { ImageBatch } from "../../../ml/data/batches.ts";
import * as edsr from "../../../models/sr/edsr_light.ts";
import { testWithBackend } from "../../helpers/with_backend.ts";
import { temporaryFolder, writeFiles } from "../data/temporary_folder.ts";

const OPTIONS: MeasureOptions = {
  scale: 2,
  degradation: "matlab",
  criterion: "l1",
  crop: null,
  pictures: 1,
  signal: new AbortController().signal,
  onPicture: () => {},
};

/** Bright and dark stripes, wider in the one than in the other. */
function stripes(width: number, height: number, wide: number): Picture {
  const data = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => Math.floor(Math.floor(i / 3) % width / wide) % 2 === 0 ? 40 : 200,
  );
  return { width, height, data };
}

/** Its features are the pixels; answers agree if the pictures begin with the same value. */
function judge(window: boolean, seen: Picture[]): Judge<ImageBatch> {
  const agreement = (): AgreementCount => {
    let [same, all] = [0, 0];
    return {
      add: (a, b) => {
        if (a.found === b.found) same++;
        all++;
      },
      percent: () => 100 * same / all,
    };
  };
  return {
    net: {
      losses: () => [],
      features: (images) => ({ pixels: images }),
      featureWeights: { pixels: 1 },
    },
    answering: {
      window,
      answer: (_net, { picture }) => {
        seen.push(picture);
        return Promise.resolve({ found: picture.data[0], summary: "", drawn: picture });
      },
    },
    agreement: { name: "same", meaning: "", start: agreement },
    classes: ["a"],
  };
}

testWithBackend("each way to enlarge is measured against the original", async () => {
  await using dir = await temporaryFolder();
  const [fine, plain] = [stripes(33, 40, 1), stripes(40, 34, 100)];
  await writeFiles(dir.path, {
    "images/a.png": await pngBytes(fine),
    "images/b.png": await pngBytes(plain),
  });
  const params = Params.create(3);
  const net = edsr.build(params, edsr.options.parse({ scale: 2, blocks: 1, channels: 4 }));
  const ways = [{ label: "bicubic" }, { label: "S", sr: { net, params } }];
  const { measured, pictures } = await measureAdapted(dir.path, ways, judge(false, []), OPTIONS);

  // A column is cut, so that both sides are multiples of the scale.
  const original = stripes(32, 40, 1);
  const low = matlabResize(original, 0.5);
  const shown = matlabResize(low, 2);
  const difference = original.data.reduce((sum, v, i) => sum + Math.abs(v - shown.data[i]), 0) /
    original.data.length / 255;
  assert.equal(measured[0].label, "bicubic");
  assert.equal(measured[0].agreement, 50); // of a plain picture nothing is lost
  assert.ok(Math.abs(measured[0].distance! - difference / 2) < 1e-6);
  assert.ok(measured[0].psnr! < 15); // of the fine one alone: the other is equal
  assert.equal(measured[1].label, "S");
  assert.notEqual(measured[1].distance, measured[0].distance);

  assert.equal(pictures.length, 1);
  const [{ name, low: kept, enlarged, original: asked }] = pictures;
  assert.equal(name, "a.png");
  assert.deepEqual(kept, low);
  assert.deepEqual(enlarged[0].drawn, shown);
  assert.deepEqual(enlarged[1].drawn.width, 32);
  assert.deepEqual(asked.drawn, original);
  params.dispose();
});

testWithBackend("a task that looks at a window is shown the middle one", async () => {
  await using dir = await temporaryFolder();
  await writeFiles(dir.path, { "images/a.png": await pngBytes(stripes(60, 50, 1)) });
  const sizes = async (window: boolean) => {
    const seen: Picture[] = [];
    const ways = [{ label: "bicubic" }];
    await measureAdapted(dir.path, ways, judge(window, seen), { ...OPTIONS, crop: 40 });
    return seen.map(({ width, height }) => [width, height]);
  };
  assert.deepEqual(await sizes(true), [[40, 40], [40, 40]]);
  assert.deepEqual(await sizes(false), [[60, 50], [60, 50]]);
});
