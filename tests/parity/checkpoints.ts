/**
 * Files that PyTorch has written, and files that must be refused.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type DType, isFloat, type Numbers } from "../../ml/weights/dtypes.ts";
import { openWeights } from "../../ml/weights/open_weights.ts";
import { isTensor, type StoredTensor, type Value } from "../../ml/weights/stored_tensor.ts";
import { at, entries, type Handler, has } from "./harness.ts";

const described = z.object({ format: z.enum(["zip", "legacy", "tar"]), contents: z.unknown() });

const tensorSpec = z.object({
  dtype: z.string(),
  shape: z.array(z.int()),
  // Whole, or of a large one: sums and samples at flat indices.
  data: z.array(z.union([z.number(), z.string(), z.boolean()])).optional(),
  mean: z.number().optional(),
  l1: z.number().optional(),
  index: z.array(z.int()).default([]),
  value: z.array(z.number()).default([]),
});

/** Sums of some ten thousand numbers, in float64 but in another order. */
const SUM_TOLERANCE = 1e-12;

const checkpoints: Handler = async (fixture, t) => {
  const folder = dirname(fixture.file);
  for (const [name, value] of entries(at(fixture, "files"))) {
    await t.step(name, async () => {
      const { format, contents } = described.parse(value);
      const opened = await openWeights(join(folder, name));
      assert.equal(opened.format, `torch-${format}`);
      await check(opened.tree, contents, name);
    });
  }
  for (const [name] of entries(at(fixture, "must_be_refused"))) {
    await t.step(`${name} is refused`, async () => {
      const file = join(folder, name);
      await assert.rejects(openWeights(file), (error: Error) => {
        assert.equal(error.name, "InputError");
        assert.ok(error.message.startsWith(`Cannot read ${file}: `), error.message);
        return true;
      });
    });
  }
};
export default checkpoints;

async function check(got: Value, expected: unknown, label: string): Promise<void> {
  if (has(expected, "dict")) {
    const pairs = z.array(z.tuple([z.unknown(), z.unknown()])).parse(at(expected, "dict"));
    assert.ok(got instanceof Map, `${label} is no dict`);
    assert.deepEqual([...got.keys()], pairs.map(([key]) => key), label);
    const values = [...got.values()];
    for (const [i, [key, value]] of pairs.entries()) {
      await check(values[i], value, `${label}/${key}`);
    }
  } else if (has(expected, "list")) {
    const items = z.array(z.unknown()).parse(at(expected, "list"));
    assert.ok(Array.isArray(got), `${label} is no list`);
    assert.equal(got.length, items.length, label);
    for (const [i, item] of items.entries()) await check(got[i], item, `${label}/${i}`);
  } else if (has(expected, "tensor")) {
    assert.ok(isTensor(got), `${label} is no tensor`);
    await checkStored(got, tensorSpec.parse(at(expected, "tensor")), label);
  } else if (has(expected, "float")) {
    assert.equal(got, Number(at(expected, "float")), label);
  } else {
    assert.equal(typeof got === "bigint" ? Number(got) : got, at(expected, "plain"), label);
  }
}

async function checkStored(
  tensor: StoredTensor,
  spec: z.infer<typeof tensorSpec>,
  label: string,
): Promise<void> {
  const { dtype } = tensor;
  assert.equal(dtype, spec.dtype, label);
  assert.deepEqual(tensor.shape, spec.shape, label);
  const numbers = await tensor.read();
  assert.equal(numbers.length, spec.shape.reduce((a, b) => a * b, 1), label);
  if (spec.data) {
    assert.deepEqual(
      plain(numbers),
      spec.data.map((value) => rounded(Number(value), dtype)),
      label,
    );
    return;
  }
  const got = plain(numbers);
  assert.deepEqual(
    spec.index.map((i) => got[i]),
    spec.value.map((value) => rounded(value, dtype)),
    label,
  );
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const l1 = sum(got.map(Math.abs));
  assert.ok(spec.mean !== undefined && spec.l1 !== undefined, `${label} has no sums`);
  assert.ok(Math.abs(l1 - spec.l1) <= SUM_TOLERANCE * l1, `${label}: l1 ${l1}, not ${spec.l1}`);
  const mean = sum(got) / got.length;
  const allowed = SUM_TOLERANCE * l1 / got.length;
  assert.ok(Math.abs(mean - spec.mean) <= allowed, `${label}: mean ${mean}, not ${spec.mean}`);
}

function plain(numbers: Numbers): number[] {
  return Array.from<number | bigint, number>(numbers, Number);
}

/** Nine digits say which float32 is meant, and so which narrower float. */
function rounded(value: number, dtype: DType): number {
  return isFloat(dtype) && dtype !== "float64" ? Math.fround(value) : value;
}
