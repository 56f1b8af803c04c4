import assert from "node:assert/strict";
import { testFolder } from "../../helpers/folder.ts";
import { zipFile } from "../../helpers/zip.ts";
import { openWeights } from "../../../ml/weights/open_weights.ts";
import { readSafetensors, writeSafetensors } from "../../../ml/weights/safetensors.ts";
import { bytes, little, raw } from "./pickles.ts";

/** A safetensors file. @param entries name → type, shape and numbers */
function safetensors(
  entries: Record<string, [string, number[], ArrayBufferView<ArrayBuffer>]>,
  change: (header: Record<string, unknown>) => void = () => {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = {};
  let data = "";
  for (const [name, [dtype, shape, numbers]] of Object.entries(entries)) {
    const content = String.fromCharCode(...raw(numbers));
    header[name] = { dtype, shape, data_offsets: [data.length, data.length + content.length] };
    data += content;
  }
  change(header);
  const text = JSON.stringify(header);
  return bytes(little(text.length, 8) + text + data);
}

/** A .npy file. */
function npy(header: string, data: ArrayBufferView<ArrayBuffer>, version = 1) {
  const padded = header.padEnd(117) + "\n";
  return bytes(
    `\x93NUMPY${String.fromCharCode(version)}\0${little(padded.length, version === 1 ? 2 : 4)}` +
      padded + String.fromCharCode(...raw(data)),
  );
}

async function numbers(
  content: Uint8Array,
): Promise<Record<string, [string, number[], unknown[]]>> {
  using folder = testFolder({ "w": content });
  const found: Record<string, [string, number[], unknown[]]> = {};
  for (const { path, dtype, shape, read } of (await openWeights(`${folder.path}/w`)).tensors) {
    found[path.join("/")] = [dtype, shape, [...await read()]];
  }
  return found;
}

async function refuses(content: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(numbers(content), { name: "InputError", message });
}

Deno.test("safetensors of every type keep their values", async () => {
  const file = safetensors({
    f64: ["F64", [1], Float64Array.of(0.1)],
    f32: ["F32", [2], Float32Array.of(0.5, -1)],
    f16: ["F16", [1], Uint16Array.of(0x3E00)],
    bf16: ["BF16", [1], Uint16Array.of(0x3FC0)],
    e4m3: ["F8_E4M3", [1], Uint8Array.of(0x38)],
    e5m2: ["F8_E5M2", [1], Uint8Array.of(0x3C)],
    i64: ["I64", [], BigInt64Array.of(-5n)],
    i32: ["I32", [1], Int32Array.of(-5)],
    i16: ["I16", [1], Int16Array.of(-5)],
    i8: ["I8", [1], Int8Array.of(-5)],
    u64: ["U64", [1], BigUint64Array.of(2n ** 64n - 1n)],
    u32: ["U32", [1], Uint32Array.of(2 ** 32 - 1)],
    u16: ["U16", [1], Uint16Array.of(2 ** 16 - 1)],
    u8: ["U8", [1, 2], Uint8Array.of(0, 255)],
    bool: ["BOOL", [2], Uint8Array.of(0, 1)],
    none: ["F32", [0, 3], new Float32Array()],
  });
  assert.deepEqual(await numbers(file), {
    f64: ["float64", [1], [0.1]],
    f32: ["float32", [2], [0.5, -1]],
    f16: ["float16", [1], [1.5]],
    bf16: ["bfloat16", [1], [1.5]],
    e4m3: ["float8_e4m3fn", [1], [1]],
    e5m2: ["float8_e5m2", [1], [1]],
    i64: ["int64", [], [-5n]],
    i32: ["int32", [1], [-5]],
    i16: ["int16", [1], [-5]],
    i8: ["int8", [1], [-5]],
    u64: ["uint64", [1], [2n ** 64n - 1n]],
    u32: ["uint32", [1], [2 ** 32 - 1]],
    u16: ["uint16", [1], [2 ** 16 - 1]],
    u8: ["uint8", [1, 2], [0, 255]],
    bool: ["bool", [2], [0, 1]],
    none: ["float32", [0, 3], []],
  });
});

Deno.test("what the project writes, both readers read", async () => {
  using folder = testFolder();
  const file = `${folder.path}/w.safetensors`;
  const tensors = [{ name: "a.b", shape: [1, 2], data: Float32Array.of(0.25, -3) }];
  await writeSafetensors(file, tensors, { note: "x" });
  assert.deepEqual(await readSafetensors(file), { tensors, metadata: { note: "x" } });
  assert.equal(
    String.fromCharCode(...Deno.readFileSync(file)),
    'X\0\0\0\0\0\0\0{"__metadata__":{"note":"x"},"a.b":{"dtype":"F32","shape":[1,2],"data_offsets":' +
      "[0,8]}}  \0\0\x80>\0\0@\xc0",
  );
  const opened = await openWeights(file);
  assert.equal(opened.format, "safetensors");
  assert.deepEqual(opened.metadata, { note: "x" });
  const [tensor] = opened.tensors;
  assert.deepEqual(tensor.path, ["a.b"]);
  assert.deepEqual(await tensor.read(), tensors[0].data);
});

Deno.test("damaged safetensors are refused", async () => {
  const one: [string, number[], ArrayBufferView<ArrayBuffer>] = ["F32", [1], Float32Array.of(1)];
  const good = safetensors({ a: one });
  await refuses(good.slice(0, -1), /"a" would reach from byte/);
  await refuses(good.slice(0, 20), /its header would reach from byte 8/);
  await refuses(safetensors({ a: ["F31", [1], Float32Array.of(1)] }), /type F31; known are F64/);
  await refuses(
    safetensors({ a: ["F32", [2], Float32Array.of(1)] }),
    /needs 8 bytes, found 0 to 4/,
  );
  const huge = [2 ** 50, 2 ** 50];
  await refuses(safetensors({ a: ["F32", huge, Float32Array.of(1)] }), /needs .* bytes, found/);
  await refuses(bytes(little(2 ** 40, 8) + "{}"), /its header says 1099511627776 bytes/);
  await refuses(bytes(little(3, 8) + "{}}"), /its header is no JSON/);
  await refuses(bytes(little(8, 8) + '{"a": 1}'), /its header is not as the format says/);
  await refuses(
    safetensors(
      { a: one },
      (header) => header.a = { dtype: "F32", shape: [1], data_offsets: [4, 8] },
    ),
    /"a" would reach from byte/,
  );
  const entry = (from: number) =>
    `"a":{"dtype":"F32","shape":[1],"data_offsets":[${from},${from + 4}]}`;
  const twice = `{${entry(0)},${entry(4)}}`;
  await refuses(
    bytes(little(twice.length, 8) + twice + "\0".repeat(8)),
    /its tensors leave gaps or overlap, or two have one name/,
  );
});

Deno.test(".npy: types, orders of bytes and of dimensions, versions", async () => {
  const header = (descr: string, shape: string, fortran = "False") =>
    `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`;
  const six = Float64Array.of(1, 2, 3, 4, 5, 6);
  const read = async (content: Uint8Array) => (await numbers(content))[""];
  assert.deepEqual(await read(npy(header("<f8", "2, 3"), six)), ["float64", [2, 3], [...six]]);
  assert.deepEqual(await read(npy(header("<f8", "2, 3", "True"), six)), [
    "float64",
    [2, 3],
    [1, 3, 5, 2, 4, 6],
  ]);
  assert.deepEqual(await read(npy(header(">i4", "1,"), Uint8Array.of(0, 0, 1, 2), 2)), [
    "int32",
    [1],
    [258],
  ]);
  assert.deepEqual(await read(npy(header("|b1", "2L,"), Uint8Array.of(0, 1))), ["bool", [2], [
    0,
    1,
  ]]);
  assert.deepEqual(await read(npy(header("<i8", ""), BigInt64Array.of(-1n))), ["int64", [], [-1n]]);

  const cut = npy(header("<f8", "2, 3"), six).slice(0, -1);
  await refuses(cut, /the array float64 \[2,3\] needs 48 bytes, found 47/);
  await refuses(npy(header("|O", "1"), six), /the array holds other things than plain numbers/);
  const fields = "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }";
  await refuses(npy(fields, six), /holds other things than plain numbers: \{'descr': \[\('a'/);
  await refuses(
    bytes("\x93NUMPY\x01\0\xff\xff{}"),
    /a header of 65535 bytes, expected at most 10000/,
  );
  await refuses(bytes("\x93NUMPY\x01\0\x20\0{}"), /the array is cut off in its header/);
  await refuses(bytes("\x93NUMPY\x01\0"), /the array has no header of NumPy's/);
});

Deno.test(".npz: compressed or not, by the names of its arrays", async () => {
  const header = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }";
  const array = npy(header, Float64Array.of(1, 2, 3));
  for (const compressed of [true, false]) {
    const file = zipFile({ "x.npy": array, "read.me": bytes("a"), "y.npy": array }, { compressed });
    const expected = ["float64", [3], [1, 2, 3]];
    assert.deepEqual(await numbers(file), { x: expected, y: expected });
    const damaged = file.slice();
    damaged[30 + 5 + (compressed ? 20 : array.length - 1)] ^= 0x55;
    await refuses(damaged, compressed ? /"x" (is damaged|holds other)/ : /its checksum is wrong/);
  }
  // A small entry that unpacks to far more than it says.
  const longer = new Uint8Array(10_000_000);
  longer.set(array);
  const lying = zipFile({ "x.npy": longer });
  lying.set(bytes(little(array.length, 4)), lying.length - 22 - 46 - 5 + 24);
  await refuses(lying, /"x" is damaged \(.*\)/);
});
