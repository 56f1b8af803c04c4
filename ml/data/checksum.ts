/**
 * Digests of files, written as `sha256:…` or `md5:…`.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "../image/input_error.ts";

/** Digits of each kind of digest that is known. */
const DIGITS: Readonly<Record<string, number>> = { sha256: 64, sha512: 128, sha1: 40, md5: 32 };

/**
 * Takes `sha256:9F…` apart.
 *
 * @throws {InputError} if it is no digest of a known kind
 */
export function parseChecksum(text: string): { algorithm: string; hex: string } {
  const [algorithm, hex = ""] = text.toLowerCase().split(":");
  if (DIGITS[algorithm] === hex.length && /^[0-9a-f]+$/.test(hex)) return { algorithm, hex };
  throw new InputError(
    `Cannot use the checksum "${text}": expected sha256:, sha512:, sha1: or md5: ` +
      "and the digest in hexadecimal",
  );
}

/** @throws {InputError} if a file's content has another digest */
export async function checkFile(
  path: string,
  checksum: string,
  signal?: AbortSignal,
): Promise<void> {
  const { algorithm, hex } = parseChecksum(checksum);
  const found = await digestFile(path, algorithm, signal);
  if (found === hex) return;
  throw new InputError(
    `Cannot use ${path}: expected ${algorithm} ${hex}, found ${found}; ` +
      "it is another file, or damaged",
  );
}

/** The digest of a file's content, hexadecimal. */
export async function digestFile(
  path: string,
  algorithm: string,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash(algorithm);
  using file = await Deno.open(path);
  const chunk = new Uint8Array(1 << 20);
  for (let n = await file.read(chunk); n !== null; n = await file.read(chunk)) {
    signal?.throwIfAborted();
    hash.update(chunk.subarray(0, n));
  }
  return hash.digest("hex");
}
