/**
 * Names for contents: SHA-256 of bytes, of files of any size, and of values as canonical JSON.
 *
 * `node:crypto` because it is native and streams (1.3 GiB/s measured; `crypto.subtle` wants the
 * whole file in memory first, and is seven times slower).
 *
 * @module
 */
import { createHash } from "node:crypto";
import { pulse } from "./pulse.ts";

/** Read at most this much of a file at once, in bytes. */
const CHUNK = 1 << 20;

let buffer: Uint8Array<ArrayBuffer> | undefined;

/** Returns SHA-256, 64 hexadecimal digits. */
export function digestBytes(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** SHA-256 of a text that comes in pieces, which need never be whole. */
export function digestPieces(pieces: Iterable<string>): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

/** Streams a file through SHA-256. @returns its digest and its size in bytes, as they were read */
export function digestFile(path: string): { digest: string; size: number } {
  const hash = createHash("sha256");
  buffer ??= new Uint8Array(CHUNK);
  let size = 0;
  using file = Deno.openSync(path);
  for (let n = file.readSync(buffer); n !== null; n = file.readSync(buffer)) {
    hash.update(buffer.subarray(0, n));
    size += n;
    pulse();
  }
  return { digest: hash.digest("hex"), size };
}

/** Returns SHA-256 of the value's canonical JSON: equal values have equal digests. */
export function digestValue(value: unknown): string {
  return digestBytes(canonicalJson(value));
}

/**
 * JSON with sorted keys and no spaces. Properties that are undefined count as absent.
 *
 * @throws {TypeError} for what JSON cannot say (NaN, functions, dates, cycles, …): two different
 * values must never look the same
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return JSON.stringify(value);
  }
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isPlainObject(value)) {
    const members = Object.keys(value).sort().filter((key) => value[key] !== undefined)
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
    return `{${members.join(",")}}`;
  }
  throw new TypeError(`Cannot write ${String(value)} as JSON: expected plain data`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
