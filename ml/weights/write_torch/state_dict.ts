/**
 * Writes a `state_dict` as `torch.save` does: a zip archive of a pickle and the tensors' numbers.
 *
 * Sources: torch/serialization.py and caffe2/serialize/inline_container.cc of PyTorch; Python's
 * pickletools for the opcodes of protocol 2.
 *
 * @module
 */
import type { NamedTensor } from "../../nn/params.ts";
import { storedZip } from "./stored_zip.ts";

/** Tensors begin at multiples of so many bytes, as PyTorch aligns them. */
const ALIGNMENT = 64;

/** Names of what PyTorch's modules hold as 64-bit integers: counters and indices. */
const INTEGERS = /(^|\.)(num_batches_tracked|relative_position_index)$/;

/**
 * Writes tensors so that `torch.load(file, weights_only=True)` gives an `OrderedDict` of them.
 * Counters and indices become int64, all others float32. Equal input gives equal bytes.
 *
 * @param tensors in PyTorch's names, shapes and element order
 * @throws {RangeError} if the file would have 4 GiB or more
 */
export async function writeStateDict(file: string, tensors: readonly NamedTensor[]): Promise<void> {
  const text = (name: string, content: string) => ({
    name: `archive/${name}`,
    bytes: new TextEncoder().encode(content),
  });
  const parts = storedZip([
    { name: "archive/data.pkl", bytes: pickle(tensors) },
    text("byteorder", "little"),
    ...tensors.map((tensor, i) => ({ name: `archive/data/${i}`, bytes: numbers(tensor) })),
    text("version", "3\n"),
  ], ALIGNMENT);
  await Deno.writeFile(file, ReadableStream.from(parts));
}

function numbers({ name, data }: NamedTensor): Uint8Array {
  const values = INTEGERS.test(name) ? BigInt64Array.from(data, (n) => BigInt(n)) : data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Opcodes of pickle's protocol 2. */
const OP = {
  proto: 0x80,
  global: 0x63,
  mark: 0x28,
  tuple: 0x74,
  emptyTuple: 0x29,
  reduce: 0x52,
  int: 0x4A,
  text: 0x58,
  false: 0x89,
  persistent: 0x51,
  setItems: 0x75,
  stop: 0x2E,
};

/** The pickle of an OrderedDict of tensors; storage i is the archive's file `data/<i>`. */
function pickle(tensors: readonly NamedTensor[]): Uint8Array {
  const dict = [...global("collections", "OrderedDict"), OP.emptyTuple, OP.reduce];
  const items = tensors.flatMap(({ name, shape, data }, i) => {
    const type = INTEGERS.test(name) ? "LongStorage" : "FloatStorage";
    const storage = [
      ...tuple([
        text("storage"),
        global("torch", type),
        text(`${i}`),
        text("cpu"),
        int(data.length),
      ]),
      OP.persistent,
    ];
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const parts = [
      storage,
      int(0),
      tuple(shape.map(int)),
      tuple(strides.map(int)),
      [OP.false], // requires_grad
      dict, // hooks
    ];
    return [
      ...text(name),
      ...global("torch._utils", "_rebuild_tensor_v2"),
      ...tuple(parts),
      OP.reduce,
    ];
  });
  return Uint8Array.from([
    ...[OP.proto, 2],
    ...dict,
    ...[OP.mark, ...items, OP.setItems],
    OP.stop,
  ]);
}

function global(module: string, name: string): number[] {
  return [OP.global, ...new TextEncoder().encode(`${module}\n${name}\n`)];
}

function tuple(items: number[][]): number[] {
  return [OP.mark, ...items.flat(), OP.tuple];
}

function int(value: number): number[] {
  return [OP.int, ...little4(value)];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [OP.text, ...little4(bytes.length), ...bytes];
}

function little4(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}
