import assert from "node:assert/strict";
import { notesOn } from "../../../runner/manifests/notes.ts";
import { unknownStage } from "./unknown_stage.ts";

const compute = { contract: { compute: true } };
const none = { backend: "none", isAwsBatch: false, hidesRemote: false };
const tensorflow = { ...none, backend: "tensorflow" };

Deno.test("a stage that would fetch the tensor library in each job is told of", () => {
  const written = [
    { due: unknownStage("train", compute), job: { env: { INIT_CWD: "/x" } } },
    { due: unknownStage("homely", compute), job: { env: { HOME: "/shared/me" } } },
    { due: unknownStage("cached", compute), job: { env: { XDG_CACHE_HOME: "/shared/cache" } } },
    { due: unknownStage("copy"), job: { env: {} } },
  ];
  assert.deepEqual(notesOn(written, tensorflow), [
    "train: fetches TensorFlow anew, unless the image has it: your home folder is on no volume; " +
    "let env name a folder that is, as XDG_CACHE_HOME",
  ]);
  assert.deepEqual(notesOn(written, { ...tensorflow, backend: "wasm" }), []);
});

Deno.test("a grace longer than AWS Batch's is told of, for AWS Batch", () => {
  const written = [
    { due: unknownStage("long", { graceSeconds: 31 }), job: { env: {} } },
    { due: unknownStage("short", { graceSeconds: 30 }), job: { env: {} } },
  ];
  assert.deepEqual(notesOn(written, { ...none, isAwsBatch: true }), [
    "long: has less time to save than its grace: AWS Batch ends a job 30 seconds after it asked",
  ]);
  assert.deepEqual(notesOn(written, none), []);
});
