/**
 * Which key each stage of a pipeline last succeeded with. It only helps to explain plans: no key and
 * no result depends on it.
 *
 * One file per pipeline, lines of `["stage id","key"]`, the last line of a stage counts. Lines are
 * appended, so a crash costs at most the line being written.
 *
 * @module
 */
import { type AtomicFiles, readIfThere } from "./files.ts";

/** A file with this many lines is rewritten when most of them are outdated. */
const MANY_LINES = 1000;

/** What is known of one pipeline. */
interface Known {
  keys: Map<string, string>;
  lines: number;
  /** What the next line begins with: a torn last line must not swallow it. */
  start: "" | "\n";
}

/** The histories of a store. */
export class History {
  readonly #known = new Map<string, Known>();

  /** @param folder absolute path */
  constructor(readonly folder: string, readonly files: AtomicFiles) {}

  /** Reads what is noted now: stage id → key. */
  read(pipeline: string): Map<string, string> {
    return new Map(this.#load(pipeline).keys);
  }

  /** Adds what this process does not know to be there. */
  add(pipeline: string, keys: Iterable<[id: string, key: string]>): void {
    const known = this.#known.get(pipeline) ?? this.#load(pipeline);
    const news = [...keys].filter(([id, key]) => known.keys.get(id) !== key);
    if (news.length === 0) return;
    for (const [id, key] of news) known.keys.set(id, key);
    known.lines += news.length;
    const file = this.#file(pipeline);
    if (known.lines > MANY_LINES && known.lines > 4 * known.keys.size) {
      this.files.writeCache(file, linesOf([...known.keys]));
      known.lines = known.keys.size;
    } else {
      Deno.mkdirSync(this.folder, { recursive: true });
      Deno.writeTextFileSync(file, known.start + linesOf(news), { append: true });
    }
    known.start = "";
  }

  #load(pipeline: string): Known {
    const text = readIfThere(this.#file(pipeline)) ?? "";
    const lines = text.split("\n").filter((line) => line.startsWith("[") && line.endsWith("]"));
    const known: Known = {
      keys: new Map(pairsOf(lines)),
      lines: lines.length,
      start: text === "" || text.endsWith("\n") ? "" : "\n",
    };
    this.#known.set(pipeline, known);
    return known;
  }

  #file(pipeline: string): string {
    return `${this.folder}/${encodeURIComponent(pipeline)}`;
  }
}

function linesOf(pairs: [id: string, key: string][]): string {
  return pairs.map((pair) => JSON.stringify(pair) + "\n").join("");
}

function pairsOf(lines: string[]): [string, string][] {
  try {
    const values: unknown[] = JSON.parse(`[${lines.join()}]`); // all at once is much quicker
    return values.filter(isPair);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return lines.flatMap((line) => {
      const pair = parseLine(line);
      return pair ? [pair] : [];
    });
  }
}

function parseLine(line: string): [string, string] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isPair(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // torn by a crash
    throw error;
  }
}

function isPair(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 && value.every((x) => typeof x === "string");
}
