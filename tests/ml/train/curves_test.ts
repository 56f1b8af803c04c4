/**
 * Loss curves on disk.
 *
 * @module
 */
import assert from "node:assert/strict";
import { addToCurves, type Curves, readCurves, writeCurves } from "../../../ml/train/curves.ts";

Deno.test("curves are read as they were written, up to the iteration of a checkpoint", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const curves: Curves = {};
    addToCurves(curves, 5, { pixel: 0.123456789 });
    addToCurves(curves, 10, { pixel: 0.1, tdp: 2 });
    await writeCurves(folder, curves);
    assert.deepEqual(await readCurves(folder), {
      pixel: [[5, 0.12346], [10, 0.1]],
      tdp: [[10, 2]],
    });
    assert.deepEqual(await readCurves(folder, 7), { pixel: [[5, 0.12346]] });
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["curves.json"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a folder without curves has none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assert.deepEqual(await readCurves(folder), {});
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
