/**
 * Texts with their digest in front, so that a damaged one is told from a whole one. What is kept in
 * the cache decides which code and data a stage is said to have: a flipped bit in it must not do that.
 *
 * @module
 */
import { digestBytes } from "./digest.ts";

/** Characters of the digest and the line break behind it. */
const SEAL = 65;

/** Returns the text behind its digest. */
export function sealed(text: string): string {
  return `${digestBytes(text)}\n${text}`;
}

/** Returns the text that was sealed; undefined if this is not what {@link sealed} made. */
export function unsealed(whole: string | undefined): string | undefined {
  if (whole?.[SEAL - 1] !== "\n") return undefined;
  const text = whole.slice(SEAL);
  return whole.startsWith(digestBytes(text)) ? text : undefined;
}
