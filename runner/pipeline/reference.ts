/**
 * Names in `${...}` as written: `params.scale`, `params.sr.options[matrix.network].blocks`.
 *
 * @module
 */

/** A name that was read. */
export interface Reference {
  /** As it was written. */
  text: string;
  /** The parts in order; a part in brackets is the name of what holds the key. */
  steps: (string | Reference)[];
}

/** The name in a text that is nothing but one reference. */
export function wholeReference(text: string): string | undefined {
  return /^\$\{([^{}]*)\}$/.exec(text)?.[1].trim();
}

const STEP = /\.([^.[\]]*)|\[/y;

/** Reads a name; undefined if its brackets do not fit. Any other text is a name of some kind. */
export function parseReference(text: string): Reference | undefined {
  const [start] = text.split(/[.[\]]/, 1);
  const steps: Reference["steps"] = [start];
  let end = start.length;
  while (end < text.length) {
    STEP.lastIndex = end;
    const match = STEP.exec(text);
    if (!match) return undefined;
    if (match[1] !== undefined) {
      steps.push(match[1]);
      end = STEP.lastIndex;
      continue;
    }
    const closing = closingBracket(text, end);
    if (closing === undefined) return undefined;
    const inner = parseReference(text.slice(end + 1, closing).trim());
    if (!inner) return undefined;
    steps.push(inner);
    end = closing + 1;
  }
  return { text, steps };
}

function closingBracket(text: string, opening: number): number | undefined {
  let depth = 0;
  for (let at = opening; at < text.length; at++) {
    if (text[at] === "[") depth++;
    if (text[at] === "]" && --depth === 0) return at;
  }
  return undefined;
}
