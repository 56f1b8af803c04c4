import assert from "node:assert/strict";
import { findWeights, readFloat32, type WeightTensor } from "../../../ml/weights/find_weights.ts";
import type { DType, Numbers } from "../../../ml/weights/dtypes.ts";
import { decode } from "../../../ml/weights/dtypes.ts";
import type { StoredTensor, Value, WeightsFile } from "../../../ml/weights/stored_tensor.ts";
import { raw } from "./pickles.ts";

function stored(dtype: DType = "float32", numbers: Numbers = Float32Array.of(1)): StoredTensor {
  return {
    dtype,
    shape: [1],
    readBytes: () => Promise.resolve(raw(numbers)),
    read: () => Promise.resolve(decode(raw(numbers), dtype)),
  };
}

type Tree = { [key: string]: Tree | null | number | string } | "tensor" | "text";

/** Nested dicts, `"tensor"` for a tensor. */
function file(tree: Tree): WeightsFile {
  const value = (one: Tree | null | number | string): Value =>
    one === "tensor"
      ? stored()
      : typeof one === "object" && one !== null
      ? new Map(Object.entries(one).map(([key, child]) => [key, value(child)]))
      : one;
  return { file: "w.pth", format: "torch-zip", tree: value(tree), tensors: [], metadata: {} };
}

function found(tree: Tree, part?: string): [string, string[]] {
  const weights = findWeights(file(tree), part === undefined ? {} : { part });
  return [weights.part.join("/"), weights.tensors.map(({ name }) => name)];
}

const NET: Tree = { "a.weight": "tensor", "a.bias": "tensor" };
const NAMES = ["a.weight", "a.bias"];

Deno.test("weights are found through what frameworks wrap them in", () => {
  assert.deepEqual(found(NET), ["", NAMES]);
  for (
    const wrapper of [
      "params",
      "params_ema",
      "state_dict",
      "model_state_dict",
      "net",
      "net_g",
      "model",
      "module",
      "generator",
      "whatever",
    ]
  ) {
    assert.deepEqual(found({ epoch: 3, [wrapper]: NET }), [wrapper, NAMES]);
  }
  const training = { state: { 0: { exp_avg: "tensor" } }, param_groups: "text" } as const;
  assert.deepEqual(found({ model: { state_dict: NET }, optimizer: training, loss: "tensor" }), [
    "model/state_dict",
    NAMES,
  ]);
  assert.deepEqual(found({ whatever: NET, optimizer: training, rng_state: "tensor" }, "whatever"), [
    "whatever",
    NAMES,
  ]);
});

Deno.test("prefixes of wrappers go where all names have them", () => {
  assert.deepEqual(found({ "module.a.weight": "tensor", "module.a.bias": "tensor" }), ["", NAMES]);
  assert.deepEqual(found({ "module._orig_mod.a": "tensor" }), ["", ["a"]]);
  assert.deepEqual(found({ "module.a": "tensor", b: "tensor" }), ["", ["module.a", "b"]]);
  assert.deepEqual(found({ "model.0.weight": "tensor" }), ["", ["model.0.weight"]]);
});

Deno.test("where several networks can be meant, a part is chosen", () => {
  const both: Tree = { params: NET, params_ema: NET, epoch: 1 };
  assert.throws(() => found(both), {
    name: "InputError",
    message:
      'Cannot take weights from w.pth: it holds several sets of weights; choose a part, or "/"' +
      " for all:\n  params (2 tensors)\n  params_ema (2 tensors)",
  });
  assert.deepEqual(found(both, "params_ema"), ["params_ema", NAMES]);
  const layers: Tree = { layer1: { weight: "tensor" }, layer2: { weight: "tensor" } };
  assert.throws(() => found(layers), { name: "InputError", message: /several sets/ });
  assert.deepEqual(found(layers, "/"), ["", ["layer1.weight", "layer2.weight"]]);
  assert.deepEqual(found({ net: { a: layers } }, "net/a/layer1"), ["net/a/layer1", ["weight"]]);
});

Deno.test("what cannot be found is said, with what there is", () => {
  assert.throws(() => found({ nets: { sr: NET } }, "nets/cls"), {
    name: "InputError",
    message: 'Cannot take weights from w.pth: "nets" has no part "cls"; its parts are:\n' +
      "  nets/sr (2 tensors)",
  });
  assert.throws(() => found({ epoch: 3 }), {
    name: "InputError",
    message: "Cannot take weights from w.pth: the file holds no tensors",
  });
  assert.throws(() => found({ a: { b: "tensor" }, "a.b": "tensor" }), {
    name: "InputError",
    message: 'Cannot take weights from w.pth: two tensors of the file are called "a.b"',
  });
});

Deno.test("numbers become float32 by the rules of their types", async () => {
  const read = async (dtype: DType, numbers: Numbers, integers?: boolean) => {
    const tensor: WeightTensor = { ...stored(dtype, numbers), name: "w" };
    return [...await readFloat32(tensor, integers)];
  };
  // Rounded to the nearest, ties to even.
  assert.deepEqual(await read("float64", Float64Array.of(1 + 2 ** -24, 1 + 3 * 2 ** -24, 1e300)), [
    1,
    1 + 2 ** -22,
    Infinity,
  ]);
  assert.deepEqual(await read("float16", Uint16Array.of(0x0001, 0x8000, 0x3555)), [
    2 ** -24,
    -0,
    0.333251953125,
  ]);
  assert.deepEqual(await read("bfloat16", Uint16Array.of(0x0001, 0x7F80)), [
    9.183549615799121e-41,
    Infinity,
  ]);
  assert.deepEqual(await read("int64", BigInt64Array.of(3n, -1n), true), [3, -1]);
  assert.deepEqual(await read("bool", Uint8Array.of(0, 1), true), [0, 1]);
  await assert.rejects(read("int64", BigInt64Array.of(3n)), {
    name: "InputError",
    message: 'Cannot take "w" as weights: expected floats, found int64',
  });
  await assert.rejects(read("complex64", Float32Array.of(1, 2), true), { name: "InputError" });
});

Deno.test("every float16 and bfloat16 is the number that its bits say", () => {
  const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const half = decode(raw(all), "float16");
  const brain = decode(raw(all), "bfloat16");
  for (let bits = 0; bits < 65536; bits++) {
    assert.ok(Object.is(half[bits], value(bits, 5, 10)), `float16 ${bits}: ${half[bits]}`);
    assert.ok(Object.is(brain[bits], value(bits, 8, 7)), `bfloat16 ${bits}: ${brain[bits]}`);
  }
});

/** IEEE 754 by its definition. */
function value(bits: number, exponents: number, mantissas: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = bits >> mantissas & 2 ** exponents - 1;
  const mantissa = (bits & 2 ** mantissas - 1) / 2 ** mantissas;
  const bias = 2 ** (exponents - 1) - 1;
  if (exponent === 2 ** exponents - 1) return mantissa === 0 ? sign * Infinity : NaN;
  return exponent === 0
    ? sign * mantissa * 2 ** (1 - bias)
    : sign * (1 + mantissa) * 2 ** (exponent - bias);
}
