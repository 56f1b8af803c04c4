/**
 * Tensors of a file that are views of its bytes.
 *
 * @module
 */
import { decode, type DType, sizeOf } from "./dtypes.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import { type Bytes, readView, type View, viewProblem } from "./strided.ts";

/** Where a tensor's numbers are. */
export interface Numbered {
  /** Bytes that there are. */
  size: number;
  /** Finds them; asked when the tensor is read. */
  find: () => Bytes | Promise<Bytes>;
  /** Whether numbers have their highest byte first; default no. */
  bigEndian?: boolean;
}

/**
 * A tensor that is a view of some bytes.
 *
 * @throws {RangeError} that says what is wrong: it reaches beyond them
 */
export function viewTensor(
  { size, find, bigEndian = false }: Numbered,
  view: View,
  dtype: DType,
): StoredTensor {
  const problem = viewProblem(view, Math.floor(size / sizeOf(dtype)), dtype);
  if (problem !== undefined) throw new RangeError(`a tensor of shape [${view.shape}] ${problem}`);
  const readBytes = async () => {
    const bytes = await readView(await find(), view, dtype);
    return bigEndian ? swapped(bytes, dtype) : bytes;
  };
  return {
    dtype,
    shape: view.shape,
    readBytes,
    read: async () => decode(await readBytes(), dtype),
  };
}

/** The same numbers with their bytes in the other order. */
function swapped(bytes: Uint8Array<ArrayBuffer>, dtype: DType): Uint8Array<ArrayBuffer> {
  const size = dtype.startsWith("complex") ? sizeOf(dtype) / 2 : sizeOf(dtype);
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}
