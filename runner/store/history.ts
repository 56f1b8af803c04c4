/**
 * Which key each stage of a pipeline last succeeded with. It only helps to explain plans: no key and
 * no result depends on it.
 *
 * One file per pipeline, lines of `["stage id","key"]`, the last line of a stage counts. Lines are
 * appended, so a crash costs at most the line being written.
 *
 * @module
 */
import { type AtomicFiles, parent, readIfThere } from "./files.ts";

/** A file with this many lines is rewritten when most of them are outdated. */
const MANY_LINES = 1000;

/** Returns stage id → key. */
export function readHistory(file: string): Map<string, string> {
  return parse(readIfThere(file) ?? "").keys;
}

/** Adds what is not there yet. */
export function addToHistory(
  file: string,
  keys: Iterable<[id: string, key: string]>,
  files: AtomicFiles,
): void {
  const text = readIfThere(file);
  const known = parse(text ?? "");
  const news = [...keys].filter(([id, key]) => known.keys.get(id) !== key);
  if (news.length === 0) return;
  const lines = news.map((line) => JSON.stringify(line) + "\n").join("");
  if (known.lines > MANY_LINES && known.lines > 4 * known.keys.size) {
    for (const [id, key] of news) known.keys.set(id, key);
    files.writeCache(file, [...known.keys].map((line) => JSON.stringify(line) + "\n").join(""));
    return;
  }
  if (text === undefined) Deno.mkdirSync(parent(file), { recursive: true });
  // A torn last line must not swallow the first new one.
  const start = text === undefined || text === "" || text.endsWith("\n") ? "" : "\n";
  Deno.writeTextFileSync(file, start + lines, { append: true });
}

function parse(text: string): { keys: Map<string, string>; lines: number } {
  const keys = new Map<string, string>();
  const lines = text.split("\n");
  for (const line of lines) {
    const pair = parseLine(line);
    if (pair) keys.set(...pair);
  }
  return { keys, lines: lines.length };
}

function parseLine(line: string): [string, string] | undefined {
  if (!line.startsWith("[") || !line.endsWith("]")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (Array.isArray(value) && value.length === 2 && value.every((x) => typeof x === "string")) {
      return [value[0], value[1]];
    }
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // torn by a crash
    throw error;
  }
}
