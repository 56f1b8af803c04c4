/**
 * Reads and writes safetensors: a JSON header, then raw little-endian numbers. Executes nothing.
 *
 * Source: the format's specification, version 1 (8 bytes header length, header, data).
 *
 * @module
 */
import type { NamedTensor } from "../nn/params.ts";
import { MAX_HEADER, parseHeader } from "./safetensors_header.ts";

/** What a file holds. */
export interface Safetensors {
  tensors: NamedTensor[];
  metadata: Record<string, string>;
}

/** Writes float32 tensors; equal input gives equal bytes. */
export async function writeSafetensors(
  file: string,
  tensors: readonly NamedTensor[],
  metadata: Record<string, string> = {},
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8; // so that the numbers are aligned
  const bytes = new Uint8Array(8 + headerLength + offset).fill(0x20, 8, 8 + headerLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  await Deno.writeFile(file, bytes);
}

/**
 * Reads a file of float32 tensors.
 *
 * @throws {SyntaxError} if the file is no safetensors file, is cut off or holds another number type
 */
export async function readSafetensors(file: string): Promise<Safetensors> {
  const bytes = await Deno.readFile(file);
  const fail = (what: string): never => {
    throw new SyntaxError(`Cannot read ${file} as safetensors: ${what}`);
  };
  if (bytes.length < 8) fail(`expected a header, found ${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  if (length > MAX_HEADER || 8 + length > bytes.length) {
    fail(`its header says ${length} bytes, the file has ${bytes.length}`);
  }
  const header = parseHeader(bytes.subarray(8, 8 + length));
  if (typeof header === "string") return fail(header);
  const data = bytes.subarray(8 + length);
  const tensors = Object.entries(header.tensors).map(([name, value]) => {
    const { dtype, shape, data_offsets: [start, end] } = value;
    if (dtype !== "F32") fail(`"${name}" is ${dtype}; expected F32`);
    const count = shape.reduce((a, b) => a * b, 1);
    if (end > data.length || end - start !== 4 * count) {
      fail(
        `"${name}" [${shape}] needs ${4 * count} bytes, found ${start} to ${end} of ${data.length}`,
      );
    }
    return { name, shape, data: new Float32Array(data.slice(start, end).buffer) };
  });
  return { tensors, metadata: header.metadata };
}
