import assert from "node:assert/strict";
import type { Capacity } from "../../../runner/execute/resources.ts";
import { shortagesOf } from "../../../runner/execute/shortage.ts";

const CAPACITY: Capacity = { cpu: 4, memory: 100, gpus: ["0", "1"], slots: { line: 2 } };

Deno.test("a stage is short of what others have, each thing by itself", () => {
  const holders = [
    { id: "a", resources: { cpu: 3, gpu: 2, memory: 60 } },
    { id: "b", resources: { cpu: 1, gpu: 0, slots: { line: 1 }, mutex: ["disk"] } },
  ];
  const wanted = { cpu: 1, gpu: 1, memory: 50, slots: { line: 1 }, mutex: ["disk"] };
  assert.deepEqual(shortagesOf(wanted, holders, CAPACITY), [
    { of: "processors", heldBy: ["a", "b"] },
    { of: "memory", heldBy: ["a"] },
    { of: "GPUs", heldBy: ["a"] },
    { of: "mutex disk", heldBy: ["b"] },
  ]);
  const two = { cpu: 0, gpu: 0, slots: { line: 2 } };
  assert.deepEqual(shortagesOf(two, holders, CAPACITY), [{ of: "slot line", heldBy: ["b"] }]);
});

Deno.test("who asks for more than there is waits for all of it, and alone for nothing", () => {
  const large = { cpu: 64, gpu: 0 };
  assert.deepEqual(shortagesOf(large, [], CAPACITY), []);
  const small = [{ id: "a", resources: { cpu: 1, gpu: 0 } }];
  assert.deepEqual(shortagesOf(large, small, CAPACITY), [{ of: "processors", heldBy: ["a"] }]);
});

Deno.test("where only so many stages may be in a queue that is what is missing", () => {
  const cluster = { cpu: Infinity, memory: Infinity, gpus: [], slots: {}, stages: 1 };
  const holders = [{ id: "a", resources: { cpu: 1, gpu: 0 } }];
  assert.deepEqual(shortagesOf({ cpu: 1, gpu: 1 }, holders, cluster), [
    { of: "a place in the queue", heldBy: ["a"] },
  ]);
});
