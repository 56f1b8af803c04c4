import assert from "node:assert/strict";
import { describeDifference, type Names } from "../../../runner/plan/reasons.ts";
import type { Tree } from "../../../runner/store/tree.ts";
import type { KeyMaterial } from "../../../runner/plan/record.ts";

const before: KeyMaterial = {
  format: 1,
  stage: { name: "train", version: 1 },
  code: {
    "models/sr/edsr.ts": "1",
    "stages/train.ts": "1",
    "npm:zod@4.6.7": "1",
    "npm:@tensorflow/tfjs@4.22.0_seedrandom@3.0.5": "1",
  },
  params: { scale: 4, train: { rate: 0.1, steps: [1, 2] }, source: "d1g3st" },
  inputs: { train: "t", all: { "a/1": "1", "a/2": "2" } },
  runtime: { backend: "tensorflow", version: "2.21.0", threads: "1" },
};

const CASES: [now: Partial<KeyMaterial>, reason: string, names?: Names][] = [
  [{ stage: { name: "train", version: 2 } }, "stage version 1 → 2"],
  [{ stage: { name: "fit", version: 1 } }, "uses train → fit"],
  [{ params: { ...before.params, scale: 8 } }, "params.scale 4 → 8"],
  [
    { params: { ...before.params, train: { rate: 0.2, steps: [1, 3] } } },
    "params.train.rate 0.1 → 0.2; params.train.steps [1,2] → [1,3]",
  ],
  [{ params: { ...before.params, seed: 1 } }, "params.seed = 1 is new"],
  [{ params: { scale: 4, source: "d1g3st" } }, "no params.train.rate; no params.train.steps"],
  [
    { params: { ...before.params, note: "x".repeat(50) } },
    `params.note = ${"x".repeat(40)}… is new`,
  ],
  [
    { params: { ...before.params, source: "0th3r" } },
    "params.source: /data/photos changed",
    { externals: new Map([["source", "/data/photos"]]) },
  ],
  [{ code: { ...before.code, "models/sr/edsr.ts": "2" } }, "code: models/sr/edsr.ts changed"],
  [{ code: { ...before.code, "ml/new.ts": "1" } }, "code: ml/new.ts added"],
  [
    { code: { "stages/train.ts": "1" } },
    "code: models/sr/edsr.ts removed; package @tensorflow/tfjs 4.22.0 removed; " +
    "package zod 4.6.7 removed",
  ],
  [
    {
      code: {
        "models/sr/edsr.ts": "1",
        "stages/train.ts": "1",
        "npm:zod@4.7.0": "2",
        "npm:@tensorflow/tfjs@4.22.0_seedrandom@3.0.5": "2",
      },
    },
    "package @tensorflow/tfjs 4.22.0, or one that it needs, changed; package zod 4.6.7 → 4.7.0",
  ],
  [{ inputs: { ...before.inputs, train: "u" } }, "input train changed"],
  [
    { inputs: { ...before.inputs, train: "u" } },
    "input train changed (from data)",
    { producers: { train: ["data"] } },
  ],
  [
    { inputs: { all: { "a/2": "3", "a/3": "1" }, more: "m" } },
    "input all: a/1 is gone; input all: a/2 changed; input all: a/3 is new; input more is new; " +
    "no input train",
  ],
  [
    { runtime: { ...before.runtime, version: "2.22.0", threads: "2" } },
    "TensorFlow 2.21.0 → 2.22.0; threads 1 → 2",
  ],
  [
    { runtime: { backend: "wasm", version: "4.22.0", threads: "1" } },
    "TensorFlow 2.21.0 → WebAssembly 4.22.0",
  ],
  [{ runtime: {} }, "TensorFlow 2.21.0 → no backend; threads 1 → none"],
  [
    { params: { a: 1, b: 2 }, inputs: {} },
    "params.a = 1 is new; params.b = 2 is new; no params.scale; no params.source; and 4 more",
  ],
];

const TREES: Record<string, Record<string, string>> = {
  t: { "a.jpg": "1", "b.jpg": "1", "c.jpg": "1", "d.jpg": "1" },
  u: { "a.jpg": "2", "b.jpg": "2", "c.jpg": "2", "d.jpg": "1", "e.jpg": "1" },
  v: { "a.jpg": "1", "b.jpg": "1", "c.jpg": "1", "boxes.json": "1" },
  "1": {},
};

const readTree = (digest: string): Tree => ({
  kind: "tree",
  files: Object.entries(TREES[digest]).map(([path, digest]) => ({ path, digest, size: 1 })),
  emptyFolders: [],
});

CASES.push(
  [
    { inputs: { ...before.inputs, train: "u" } },
    "input train: 3 images changed, 1 added (a.jpg, b.jpg, c.jpg, …)",
    { readTree },
  ],
  [
    { inputs: { ...before.inputs, train: "v" } },
    "input train (from data): 1 file added, 1 removed (boxes.json, d.jpg)",
    { readTree, producers: { train: ["data"] } },
  ],
  [
    { inputs: { ...before.inputs, all: { "a/1": "v", "a/2": "2" } } },
    "input all, a/1: 4 files added (a.jpg, b.jpg, c.jpg, …)",
    { readTree },
  ],
);

for (const [now, reason, names] of CASES) {
  Deno.test(`describeDifference() says "${reason}"`, () => {
    assert.equal(describeDifference(before, { ...before, ...now }, names), reason);
  });
}
