/**
 * Names of jobs: labels as DNS has them (RFC 1123), which every cluster takes.
 *
 * @module
 */
import { digestValue } from "../store/digest.ts";

/** Characters of a label at most. */
const LONGEST = 63;

/** Digits that tell jobs apart whose stages are called alike. */
const DIGITS = 10;

/**
 * A name that tells a person what it is, and is another one for whatever is made of something else.
 *
 * @param words what it is, e.g. pipeline and stage
 * @param content all that the job is made of
 */
export function jobName(words: string[], content: unknown): string {
  const digest = digestValue(content).slice(0, DIGITS);
  const readable = plainLabel(words.join("-"), LONGEST - DIGITS - 1);
  return readable === "" ? `stage-${digest}` : `${readable}-${digest}`;
}

/** The nearest label; empty for a text without any letter or digit of it. */
export function plainLabel(text: string, longest: number = LONGEST): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replace(/^-/, "").slice(0, longest)
    .replace(/-$/, "");
}
