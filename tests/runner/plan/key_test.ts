import assert from "node:assert/strict";
import fc from "fast-check";
import { keyMaterial, keyOf, type KeyParts, unknownProducers } from "../../../runner/plan/key.ts";
import { computing, instance } from "./instances.ts";

const parts: KeyParts = {
  code: { "stages/make.ts": "c0de" },
  known: new Map([["a", { made: "aaaa", other: "0000" }], ["b", { made: "bbbb" }]]),
  digestPath: (path) => `digest of ${path}`,
  runtime: { backend: "tensorflow", version: "2.21.0" },
};

Deno.test("the material of a key is what can make a difference, and nothing else", () => {
  const stage = instance({
    id: "train/4",
    name: "train",
    uses: "train",
    params: { scale: 4, data: { path: "./photos" } },
    externals: [{ at: ["data", "path"], path: "/home/me/photos" }],
    inputs: {
      from: [{ id: "a", output: "made" }],
      all: [{ id: "b", output: "made" }, { id: "a", output: "other" }],
    },
    timeoutSeconds: 5,
    graceSeconds: 6,
    checkpointSeconds: 7,
    retries: 3,
  });
  assert.deepEqual(keyMaterial(stage, parts), {
    format: 1,
    stage: { name: "train", version: 1 },
    code: { "stages/make.ts": "c0de" },
    params: { scale: 4, data: { path: "digest of /home/me/photos" } },
    inputs: { from: "aaaa", all: { a: "0000", b: "bbbb" } },
    runtime: {},
  });
  assert.deepEqual(stage.params, { scale: 4, data: { path: "./photos" } });
});

Deno.test("an external path in a list of params is replaced too", () => {
  const stage = instance({
    id: "a",
    params: { paths: ["x", "y"] },
    externals: [{ at: ["paths", "1"], path: "/y" }],
  });
  assert.deepEqual(keyMaterial(stage, parts).params, { paths: ["x", "digest of /y"] });
});

Deno.test("only a stage that computes depends on the backend and its threads", () => {
  const stage = instance({ id: "a", contract: computing, resources: { cpu: 2, gpu: 0 } });
  assert.deepEqual(keyMaterial(stage, parts).runtime, {
    backend: "tensorflow",
    version: "2.21.0",
    threads: "2",
  });
});

Deno.test("a key is written down, so that changing its recipe is no accident", () => {
  assert.equal(
    keyOf(keyMaterial(instance({ id: "a", params: { n: 1 } }), parts)),
    "72ee3f3a0085d00150191d4b05d317479561a8878d40fe585ec5bbf7955537d0",
  );
});

Deno.test("a key does not depend on the order of params, on ids or on resources", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (given) => {
    const params: Record<string, unknown> = JSON.parse(JSON.stringify(given));
    const key = keyOf(keyMaterial(instance({ id: "a", params }), parts));
    const reversed = Object.fromEntries(Object.entries(params).reverse());
    const other = instance({
      id: "b",
      params: reversed,
      resources: { cpu: 7, gpu: 1, memory: 5 },
      retries: 9,
    });
    assert.equal(keyOf(keyMaterial(other, parts)), key);
    const edited = instance({ id: "a", params: { ...params, "an edit": 1 } });
    assert.notEqual(keyOf(keyMaterial(edited, parts)), key);
  }));
});

Deno.test("unknownProducers() names each stage once", () => {
  const stage = instance({
    id: "z",
    inputs: {
      from: [{ id: "new", output: "made" }],
      all: [{ id: "a", output: "made" }, { id: "newer", output: "x" }, { id: "new", output: "x" }],
    },
  });
  assert.deepEqual(unknownProducers(stage, parts.known), ["new", "newer"]);
  assert.throws(() => keyMaterial(stage, parts), {
    name: "RangeError",
    message: "Cannot make the key of z: new.made is not known",
  });
});
