/**
 * Reads safetensors of all number types, each tensor when it is asked for.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { type DType, sizeOf } from "./dtypes.ts";
import { MAX_HEADER, parseHeader } from "./safetensors_header.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import type { Stretch } from "./stretch.ts";
import { countOf, rowMajor } from "./strided.ts";
import { viewTensor } from "./view_tensor.ts";

/** The format's names of number types. */
const DTYPES: Record<string, DType> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  F8_E4M3: "float8_e4m3fn",
  F8_E5M2: "float8_e5m2",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U64: "uint64",
  U32: "uint32",
  U16: "uint16",
  U8: "uint8",
  BOOL: "bool",
  C64: "complex64",
};

/** Whether a file begins as safetensors do. @param start its first bytes */
export function isSafetensors(start: Uint8Array): boolean {
  return start[8] === 0x7B; // the brace of the header
}

/** Reads what a file holds. @throws {InputError} with the file and the place */
export async function readSafetensorsFile(
  file: Stretch,
): Promise<{ tree: Map<string, StoredTensor>; metadata: Record<string, string> }> {
  const fail = (what: string): never => {
    throw new InputError(`Cannot read ${file.file} as safetensors: ${what}`);
  };
  const head = await file.part(0, 8, "the header's length").read();
  const length = Number(new DataView(head.buffer).getBigUint64(0, true));
  if (length > MAX_HEADER) {
    fail(`its header says ${length} bytes, expected at most ${MAX_HEADER}`);
  }
  const header = parseHeader(await file.part(8, length, "its header").read());
  if (typeof header === "string") return fail(header);
  const data = file.part(8 + length, file.size - 8 - length, "its numbers");
  const tree = new Map<string, StoredTensor>();
  for (
    const [name, { dtype: given, shape, data_offsets: [start, end] }] of Object.entries(
      header.tensors,
    )
  ) {
    if (!Object.hasOwn(DTYPES, given)) {
      fail(
        `"${name}" has numbers of the type ${given}; known are ${Object.keys(DTYPES).join(", ")}`,
      );
    }
    const dtype = DTYPES[given];
    const bytes = countOf(shape) * sizeOf(dtype);
    if (end - start !== bytes) {
      fail(`"${name}" ${given} [${shape}] needs ${bytes} bytes, found ${start} to ${end}`);
    }
    const place = data.part(start, bytes, `"${name}"`);
    const view = { offset: 0, shape, stride: rowMajor(shape) };
    tree.set(name, viewTensor({ size: bytes, find: () => place }, view, dtype));
  }
  if (!isCovered(data.size, Object.values(header.tensors).map((tensor) => tensor.data_offsets))) {
    fail("its tensors leave gaps or overlap, or two have one name; the file is damaged");
  }
  return { tree, metadata: header.metadata };
}

/** Whether ranges lie one behind the other from the first byte to the last, as the format says. */
function isCovered(size: number, ranges: [start: number, end: number][]): boolean {
  let at = 0;
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (start !== at) return false;
    at = end;
  }
  return at === size;
}
