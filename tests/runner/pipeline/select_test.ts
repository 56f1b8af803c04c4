/**
 * Words that stand for stages.
 *
 * @module
 */
import assert from "node:assert/strict";
import { formatDiagnostics, UserError } from "../../../runner/diagnostic.ts";
import { selectStages, withNeeds } from "../../../runner/pipeline/select.ts";
import { instance } from "../execute/instance.ts";

const STAGES = [
  instance("pictures", { aliases: ["det/pictures"] }),
  instance("train/h2t/1", { needs: ["pictures"] }),
  instance("train/sr4ir/1", { needs: ["pictures"] }),
  instance("train_sr", { needs: ["pictures"] }),
  instance("det/train", { needs: ["train_sr"] }),
  instance("compare", { needs: ["train/h2t/1", "det/train"] }),
];

const select = (...words: string[]) => [...selectStages(STAGES, words, "--only")];

Deno.test("a word is an id, the name of a matrix, of an include, or a pattern", () => {
  assert.deepEqual(select("compare"), ["compare"]);
  assert.deepEqual(select("train"), ["train/h2t/1", "train/sr4ir/1"]);
  assert.deepEqual(select("train/h2t"), ["train/h2t/1"]);
  assert.deepEqual(select("det"), ["pictures", "det/train"]);
  assert.deepEqual(select("train*"), ["train/h2t/1", "train/sr4ir/1", "train_sr"]);
  assert.deepEqual(select("*/1"), ["train/h2t/1", "train/sr4ir/1"]);
  assert.deepEqual(select("compare", "train_sr"), ["compare", "train_sr"]);
});

Deno.test("a stage that stands for an equal one is found by both ids", () => {
  assert.deepEqual(select("det/pictures"), ["pictures"]);
});

Deno.test("words that stand for no stage are shown together, with a proposal", () => {
  try {
    select("trian", "compare", "x*");
    assert.fail("expected an error");
  } catch (error) {
    assert.ok(error instanceof UserError);
    assert.equal(
      formatDiagnostics(error),
      `
error: there is no stage "trian"
  --only trian
         ^^^^^ did you mean "train"?
  stages: pictures, det, train, train_sr, compare

error: there is no stage "x*"
  --only x*
         ^^
  stages: pictures, det, train, train_sr, compare
`.trimStart(),
    );
  }
});

Deno.test("withNeeds() adds all that a stage builds on, in the same order", () => {
  assert.deepEqual(
    withNeeds(STAGES, new Set(["det/train"])).map(({ id }) => id),
    ["pictures", "train_sr", "det/train"],
  );
});
