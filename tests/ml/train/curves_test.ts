/**
 * Loss curves on disk.
 *
 * @module
 */
import assert from "node:assert/strict";
import { testFolder } from "../../helpers/folder.ts";
import { addToCurves, type Curves, readCurves, writeCurves } from "../../../ml/train/curves.ts";

Deno.test("curves are read as they were written, up to the iteration of a checkpoint", async () => {
  using dir = testFolder();
  const curves: Curves = {};
  addToCurves(curves, 5, { pixel: 0.123456789 });
  addToCurves(curves, 10, { pixel: 0.1, tdp: 2 });
  await writeCurves(dir.path, curves);
  assert.deepEqual(await readCurves(dir.path), {
    pixel: [[5, 0.12346], [10, 0.1]],
    tdp: [[10, 2]],
  });
  assert.deepEqual(await readCurves(dir.path, 7), { pixel: [[5, 0.12346]] });
  assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["curves.json"]);
});

Deno.test("a folder without curves has none", async () => {
  using dir = testFolder();
  assert.deepEqual(await readCurves(dir.path), {});
});
