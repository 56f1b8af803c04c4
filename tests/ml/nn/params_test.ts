import assert from "node:assert/strict";
import { checkpoint, type NamedTensor } from "../../../ml/nn/params.ts";

const TENSORS: NamedTensor[] = [
  { name: "fc.weight", shape: [2, 3], data: new Float32Array(6).fill(1) },
  { name: "fc.bias", shape: [2], data: Float32Array.of(3, 4) },
];

Deno.test("checkpoint() gives what fits by name, and nothing for what it lacks", () => {
  const source = checkpoint(TENSORS);
  assert.deepEqual([...source("fc.bias", [2]) ?? []], [3, 4]);
  assert.equal(source("conv.weight", [1]), undefined);
});

Deno.test("checkpoint() refuses another shape, unless it is told whom to tell", () => {
  assert.throws(() => checkpoint(TENSORS)("fc.weight", [200, 3]), {
    name: "RangeError",
    message: 'Cannot load "fc.weight": expected shape [200,3], found [2,3]',
  });
  const told: string[] = [];
  const source = checkpoint(TENSORS, ({ name, shape }, wanted) => {
    told.push(`${name} [${shape}] for [${wanted}]`);
  });
  assert.equal(source("fc.weight", [200, 3]), undefined);
  assert.deepEqual(told, ["fc.weight [2,3] for [200,3]"]);
});
