/**
 * A person's mistake: where it stands, what was expected, what to do. Shown without a stack trace.
 *
 * @module
 */

/** A place in a text the person wrote: a line of a file, or an argument of the command. */
export interface Place {
  /** Path relative to where the person stands; undefined for an argument of the command. */
  file?: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units, as editors count. */
  column: number;
  /** Characters to underline. */
  length: number;
  /** The whole line, without its end. */
  text: string;
}

/** One mistake. */
export interface Diagnostic {
  /** What happened, e.g. `stage "small" has an unknown parameter "scal"`. */
  message: string;
  place?: Place;
  /** Stands beside the underlined text, e.g. `did you mean "scale"?`. */
  hint?: string;
  /** Lines below: what is valid, what to do. */
  notes?: string[];
}

/** One or more mistakes of the person. The program prints them and ends with code 2. */
export class UserError extends Error {
  override name = "UserError";
  /** At least one. */
  readonly diagnostics: Diagnostic[];

  /** @param found a message alone, or the mistakes with their places */
  constructor(found: string | Diagnostic | Diagnostic[], options?: ErrorOptions) {
    const diagnostics = typeof found === "string"
      ? [{ message: found }]
      : Array.isArray(found)
      ? found
      : [found];
    super(diagnostics.map((one) => one.message).join("\n"), options);
    this.diagnostics = diagnostics;
  }
}

/** An error as text without places: what happened, and below it what to do. */
export function inLines(error: unknown): string {
  if (!(error instanceof UserError)) return error instanceof Error ? error.message : String(error);
  return error.diagnostics.flatMap(({ message, notes = [] }) => [
    message,
    ...notes.map((note) => `  ${note}`),
  ]).join("\n");
}

/** So many mistakes are shown; more would push the first ones off the screen. */
const SHOWN = 20;

/** The text to show for an error: every mistake with its place, the line, and what was expected. */
export function formatDiagnostics(error: UserError): string {
  const shown = error.diagnostics.slice(0, SHOWN).map(formatOne);
  const rest = error.diagnostics.length - shown.length;
  if (rest > 0) shown.push(`... and ${rest} more ${rest === 1 ? "mistake" : "mistakes"}\n`);
  return shown.join("\n");
}

function formatOne({ message, place, hint, notes = [] }: Diagnostic): string {
  const lines = [`error: ${printable(message)}`];
  if (place) lines.push(...excerpt(place, hint));
  else if (hint !== undefined) lines.push(`  ${printable(hint)}`);
  for (const note of notes) lines.push(`  ${printable(note)}`);
  return lines.join("\n") + "\n";
}

/** Characters of a line that are shown; longer ones are cut around the place. */
const WIDTH = 120;

function excerpt(place: Place, hint: string | undefined): string[] {
  const { file, line } = place;
  const { text, start } = cut(place.text, place.column - 1);
  const length = Math.max(1, Math.min(place.length, text.length - start));
  const padding = " ".repeat(columns(text.slice(0, start)));
  const underline = "^".repeat(Math.max(1, columns(text.slice(start, start + length))));
  const caret = padding + underline + (hint === undefined ? "" : ` ${printable(hint)}`);
  if (file === undefined) return [`  ${printable(text)}`, `  ${caret}`];
  const gutter = " ".repeat(String(line).length);
  return [
    `  ${file}:${line}:${place.column}`,
    `  ${line} | ${printable(text)}`,
    `  ${gutter} | ${caret}`,
  ];
}

/** Shows a long line's part around the place only. */
function cut(text: string, start: number): { text: string; start: number } {
  if (text.length <= WIDTH) return { text, start };
  const from = Math.max(0, Math.min(start - WIDTH / 3, text.length - WIDTH));
  const left = from > 0 ? "…" : "";
  const right = from + WIDTH < text.length ? "…" : "";
  return { text: left + text.slice(from, from + WIDTH) + right, start: start - from + left.length };
}

/** Takes the teeth out of characters that would move the cursor or colour the terminal. */
function printable(text: string): string {
  return text.replaceAll("\t", " ").replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;

/** Terminal columns of a text: wide characters take two, combining marks none. */
function columns(text: string): number {
  let count = 0;
  for (const character of text) {
    count += WIDE.test(character) ? 2 : /\p{Mark}/u.test(character) ? 0 : 1;
  }
  return count;
}
