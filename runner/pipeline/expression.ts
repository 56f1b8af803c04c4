/**
 * References in values: `${params.scale}`, `${matrix.setting}`. Look-ups only; nothing is executed.
 *
 * @module
 */
import { isMapping } from "./document.ts";
import type { At, Mistakes } from "./mistakes.ts";
import { wholeReference } from "./reference.ts";
import type { Step } from "./source.ts";

/**
 * Finds what a name stands for, e.g. `params.data.source`. Says what is wrong itself, at the given
 * place, and then returns undefined.
 */
export type LookUp = (name: string, at: At) => unknown;

const PART = /\$(\$?)\{([^{}]*)(\}?)/g;

/**
 * Puts values in the place of references. A text that is one reference becomes its value, whatever
 * its type; a reference inside a text becomes part of the text. `$${` stands for a plain `${`.
 *
 * @param path where the value stands
 */
export function substitute(
  value: unknown,
  path: Step[],
  lookUp: LookUp,
  mistakes: Mistakes,
): unknown {
  if (typeof value === "string") {
    return value.includes("${") ? substituteText(value, path, lookUp, mistakes) : value;
  }
  if (Array.isArray(value)) {
    return value.map((item, i) => substitute(item, [...path, i], lookUp, mistakes));
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map((
      [key, inner],
    ) => [key, substitute(inner, [...path, key], lookUp, mistakes)]),
  );
}

function substituteText(text: string, path: Step[], lookUp: LookUp, mistakes: Mistakes): unknown {
  const whole = wholeReference(text);
  if (whole !== undefined) return lookUp(whole, { path, within: text });
  return text.replace(PART, (written, escape, name, end) => {
    if (escape) return written.slice(1);
    const at = { path, within: written };
    if (!end) {
      mistakes.add('a reference is not closed: expected "}"', at);
      return written;
    }
    const before = mistakes.count;
    const value = lookUp(name.trim(), at);
    if (mistakes.count > before) return written;
    if (typeof value === "object") {
      const found = value === null ? "null" : Array.isArray(value) ? "a list" : "a mapping";
      mistakes.add(`"${name.trim()}" is ${found} and cannot be part of a text`, at, {
        hint: "expected text, a number, true or false",
      });
    }
    return String(value);
  });
}
