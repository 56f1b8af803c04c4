/**
 * Which stages become one, and what is kept of the others.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mergeEqual } from "../../../runner/pipeline/equal_stages.ts";
import type { OutputRef, StageInstance } from "../../../runner/pipeline/instance.ts";
import { usersOf } from "../../../runner/pipeline/users.ts";
import { keyMaterial } from "../../../runner/plan/key.ts";
import { instance } from "../plan/instances.ts";

/** `id` for what is alone, `id = alias` for what stands for others. */
function merged(stages: StageInstance[]): string[] {
  return mergeEqual(stages).map(({ id, aliases }) => [id, ...aliases].join(" = "));
}

function made(id: string): OutputRef {
  return { id, output: "made" };
}

Deno.test("stages are equal that use the same with equal params, whatever their keys' order", () => {
  const stages = [
    instance({ id: "a", params: { n: 1, m: { x: 1, y: [2] } } }),
    instance({ id: "b", params: { m: { y: [2], x: 1 }, n: 1 } }),
    instance({ id: "c", params: { n: 1 } }),
    instance({ id: "d", params: { n: 1 }, uses: "other" }),
    instance({ id: "e", params: { n: 1 }, modules: ["models/a.ts"] }),
    instance({ id: "f", params: { n: 1 }, externals: [{ at: ["n"], path: "/x" }] }),
    instance({ id: "g", params: { n: 1 }, resources: { cpu: 2, gpu: 0 } }),
    instance({ id: "h", params: { n: 1 }, name: "z", retries: 3, timeoutSeconds: 5 }),
  ];
  assert.deepEqual(merged(stages), ["a = b", "c = h", "d", "e", "f", "g"]);
});

Deno.test("what builds on equal stages is equal, along the whole way", () => {
  const chain = (name: string) => [
    instance({ id: `${name}/1` }),
    instance({ id: `${name}/2`, inputs: { from: [made(`${name}/1`)] } }),
    instance({ id: `${name}/3`, inputs: { from: [made(`${name}/2`)] } }),
  ];
  const stages = [...chain("a"), ...chain("b"), ...chain("c")];
  assert.deepEqual(merged(stages), ["a/1 = b/1 = c/1", "a/2 = b/2 = c/2", "a/3 = b/3 = c/3"]);
  const [, second] = mergeEqual([...chain("a"), ...chain("b")].toSpliced(2, 1));
  assert.deepEqual([second.id, second.aliases, second.inputs], ["a/2", ["b/2"], {
    from: [made("a/1")],
  }]);
});

Deno.test("an input of many keeps both of two equal stages, under their own names", () => {
  const [data, all, other] = mergeEqual([
    instance({ id: "a" }),
    instance({ id: "b" }),
    instance({ id: "all", inputs: { all: [made("a"), made("b")] } }),
    instance({ id: "other", inputs: { all: [made("b")] } }),
  ]);
  assert.deepEqual(data.aliases, ["b"]);
  assert.deepEqual(all.inputs, { all: [made("a"), { ...made("a"), as: "b" }] });
  assert.deepEqual(other.inputs, { all: [{ ...made("a"), as: "b" }] });
  const known = new Map([["a", { made: "123" }]]);
  const parts = { code: {}, known, digestPath: String, runtime: { backend: "x", version: "1" } };
  assert.deepEqual(keyMaterial(all, parts).inputs, { all: { a: "123", b: "123" } });
  assert.deepEqual(keyMaterial(other, parts).inputs, { all: { b: "123" } });
});

Deno.test("usersOf() names each user once, in order", () => {
  const stages = [
    instance({ id: "a" }),
    instance({ id: "b", inputs: { from: [made("a")], all: [made("a")] } }),
    instance({ id: "c", inputs: { all: [made("b"), made("a")] } }),
  ];
  assert.deepEqual([...usersOf(stages)], [["a", ["b", "c"]], ["b", ["c"]]]);
});
