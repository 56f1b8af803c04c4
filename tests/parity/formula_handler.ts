/**
 * Bit patterns of the formula and of the inputs derived from it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { formulaTensor, sampleIndices, seedOf, tensorSpec } from "./formula.ts";
import type { Fixture } from "./harness.ts";

const bits = {
  first_bits: z.array(z.int()),
  last_bits: z.array(z.int()),
  count: z.int(),
  bit_sum_mod_2_32: z.int(),
};
const plain = z.object({ ...tensorSpec.shape, seed: z.int(), ...bits });
const pattern = z.object({ ...tensorSpec.shape, ...bits });
const listed = z.object({ ...tensorSpec.shape, data: z.array(z.number()) });
const samples = z.object({
  kind: z.literal("samples"),
  name: z.string(),
  n: z.int(),
  count: z.int(),
  data: z.array(z.int()),
});

/** Compares `formula.json`. */
export default function formula(fixture: Fixture): void {
  for (const spec of z.array(plain).nonempty().parse(fixture.tensors)) {
    assert.equal(seedOf(spec.name), spec.seed, `seed of "${spec.name}"`);
    checkBits(formulaTensor(spec), spec);
  }
  for (const spec of z.array(z.union([samples, pattern, listed])).parse(fixture.generators)) {
    if ("n" in spec) {
      assert.deepEqual(sampleIndices(spec.name, spec.n, spec.count), spec.data, spec.name);
    } else if ("data" in spec) {
      assert.deepEqual([...formulaTensor(spec)], spec.data, spec.name);
    } else {
      checkBits(formulaTensor(spec), spec);
    }
  }
}

function checkBits(values: Float32Array, expected: z.infer<typeof pattern>): void {
  const { name, first_bits, last_bits, count, bit_sum_mod_2_32 } = expected;
  const got = new Uint32Array(values.buffer);
  assert.equal(got.length, count, `${name}: number of values`);
  assert.deepEqual([...got.slice(0, first_bits.length)], first_bits, `${name}: first bits`);
  assert.deepEqual([...got.slice(-last_bits.length)], last_bits, `${name}: last bits`);
  const sum = got.reduce((a, b) => (a + b) >>> 0, 0);
  assert.equal(sum, bit_sum_mod_2_32, `${name}: sum of the bits`);
}
