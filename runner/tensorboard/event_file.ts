/**
 * Event files of TensorBoard with scalars.
 *
 * A file is a row of records (length, checksum, content, checksum; all little-endian); the content of
 * each is an `Event` in protocol buffers: `double wall_time = 1; int64 step = 2; string file_version
 * = 3; Summary summary = 5`, where a `Summary` is `repeated Value value = 1` and a `Value` is
 * `string tag = 1; float simple_value = 2`.
 * Source: tensorflow/core/util/event.proto, summary.proto, lib/io/record_writer.cc.
 *
 * @module
 */
import { maskedCrc32c } from "./crc32c.ts";

/** One point of a curve. */
export interface Scalar {
  /** Name of the curve; what stands before a `/` groups curves. */
  tag: string;
  step: number;
  value: number;
  /** Seconds since 1970. */
  time: number;
}

/**
 * Makes the bytes of a file.
 *
 * @param startedAt seconds since 1970
 */
export function encodeEvents(startedAt: number, scalars: Scalar[]): Uint8Array {
  const version = [...double(1, startedAt), ...text(3, "brain.Event:2")];
  const events = scalars.map(({ tag, step, value, time }) => [
    ...double(1, time),
    ...varint(2, step),
    ...message(5, message(1, [...text(1, tag), ...float(2, value)])),
  ]);
  return concatenated([version, ...events].map(record));
}

function record(content: number[]): Uint8Array {
  const bytes = new Uint8Array(8 + 4 + content.length + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(content, 12);
  const body = bytes.subarray(12, 12 + content.length);
  view.setUint32(12 + content.length, maskedCrc32c(body), true);
  return bytes;
}

/** How a field's value is written, in the lowest bits before it. */
const [VARINT, EIGHT_BYTES, LENGTH_FIRST, FOUR_BYTES] = [0, 1, 2, 5];

function double(field: number, value: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [field << 3 | EIGHT_BYTES, ...bytes];
}

function float(field: number, value: number): number[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [field << 3 | FOUR_BYTES, ...bytes];
}

/** Nothing for 0, which is what a reader takes in its place. */
function varint(field: number, value: number): number[] {
  return value === 0 ? [] : [field << 3 | VARINT, ...digits(value)];
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

function message(field: number, content: number[]): number[] {
  return [field << 3 | LENGTH_FIRST, ...digits(content.length), ...content];
}

/** Base 128, lowest first; all but the last have their highest bit set. */
function digits(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value;; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push(rest % 128 | 128);
  }
}

function concatenated(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
