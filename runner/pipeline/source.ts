/**
 * A pipeline file as text and as plain values: encoding, size, syntax and alias limits.
 *
 * The quick parser gives the values; positions are found by `locate.ts`, only when something is wrong.
 *
 * @module
 */
import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import { UserError } from "../diagnostic.ts";
import { nearest } from "../nearest.ts";
import type { DocumentMemo } from "./document_memo.ts";
import type { PipelineFile } from "./schema.ts";

/** One step into a value: a key of a mapping or an index of a list. */
export type Step = string | number;

/** A file that was read. */
export interface Source {
  /** Absolute. */
  path: string;
  /** As the person would type it from where they stand. */
  shown: string;
  text: string;
  /** Plain data, with aliases and merges (`<<`) resolved. */
  value: unknown;
  /** The same, if it is known to be what a pipeline file may say. */
  file?: PipelineFile;
}

/** Larger files are no pipelines: 10,000 stages need a quarter of it. */
const MAX_BYTES = 8 * 2 ** 20;
/** Values a file may hold once its aliases are written out. */
const MAX_VALUES = 1_000_000;
const MAX_DEPTH = 100;

/**
 * Reads a YAML file.
 *
 * @param show how to write the names of files that are proposed
 * @param memo spares reading a text again
 * @throws {UserError} if it is not there or not one well-formed document
 */
export async function readSource(
  path: string,
  show = showPath,
  memo?: Pick<DocumentMemo, "get">,
): Promise<Source> {
  const shown = showPath(path);
  const text = decode(readBytes(path, shown, show), shown);
  const file = memo?.get(path, text);
  if (file) return { path, shown, text, value: file, file };
  const source: Source = { path, shown, text, value: undefined };
  try {
    const { CORE_SCHEMA, load, mergeTag } = await import("js-yaml"); // not for a text that is known
    source.value = load(text, { schema: CORE_SCHEMA.withTags(mergeTag), maxDepth: MAX_DEPTH });
    if (source.value === null && isBlank(text)) throw empty(shown);
  } catch (error) {
    if (isBlank(text)) throw empty(shown);
    const { syntaxErrors } = await import("./syntax_errors.ts");
    throw new UserError(syntaxErrors(source, error), { cause: error });
  }
  // Without an alias a text grows into no more than it says, and the parser limits its depth.
  if (text.includes("*") || text.includes("__proto__")) await checkSize(source);
  return source;
}

/** A path relative to where the person stands, unless that is longer. */
export function showPath(path: string): string {
  const near = relative(Deno.cwd(), path) || ".";
  return near.startsWith("..") && near.length >= path.length ? path : near;
}

function empty(shown: string): UserError {
  const notes = ["a pipeline file has at least: stages: { NAME: { uses: STAGE } }"];
  return new UserError({ message: `${shown} is empty`, notes });
}

function isBlank(text: string): boolean {
  return text.split("\n").every((line) => /^\s*(#.*|---|\.\.\.)?\s*$/.test(line));
}

function readBytes(path: string, shown: string, show: typeof showPath): Uint8Array {
  try {
    const { isDirectory, size } = Deno.statSync(path);
    if (isDirectory) {
      const notes = [`it has: ${listYaml(path, show).join(", ") || "no YAML file"}`];
      throw new UserError({ message: `"${shown}" is a folder: expected a YAML file`, notes });
    }
    if (size > MAX_BYTES) {
      const most = `${mebibytes(size)} MiB, at most ${mebibytes(MAX_BYTES)} MiB`;
      throw new UserError(`${shown} is too large for a pipeline file: ${most}`);
    }
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw missing(path, shown, show);
    }
    const reason = error instanceof Error ? error.message.replace(/:? ?\(?os error.*/, "") : error;
    throw new UserError(`cannot read ${shown}: ${reason}`, { cause: error });
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function missing(path: string, shown: string, show: typeof showPath): UserError {
  // Where the folder has none, a bare name may mean one of the place where pipelines live.
  const beside = listYaml(dirname(path), show);
  const files = beside.length > 0 ? beside : listYaml(resolve("pipelines"), show);
  const wanted = basename(path);
  const match = files.find((file) => basename(file) === `${wanted}.yaml`) ??
    files.find((file) => basename(file) === nearest(wanted, files.map((one) => basename(one))));
  return new UserError({
    message: `there is no file "${shown}"`,
    ...(match === undefined ? {} : { hint: `did you mean "${match}"?` }),
    ...(files.length > 0 ? { notes: [`there are: ${files.join(", ")}`] } : {}),
  });
}

function listYaml(folder: string, show: typeof showPath): string[] {
  try {
    const names = [...Deno.readDirSync(folder)].map((entry) => entry.name);
    const files = names.filter((name) => /\.ya?ml$/.test(name)).sort();
    return files.map((name) => show(resolve(folder, name)));
  } catch {
    return []; // No such folder: there is nothing to propose.
  }
}

/** Decodes UTF-8 strictly and drops a byte order mark. */
function decode(bytes: Uint8Array, shown: string): string {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new UserError({
      message: `${shown} is UTF-16 text: expected UTF-8`,
      notes: ["save it as UTF-8 in your editor"],
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const { line, column, text } = firstBadByte(bytes);
    throw new UserError({
      message: `${shown} is not UTF-8 text`,
      place: { file: shown, line, column, length: 1, text },
      hint: "this byte cannot stand here",
      notes: ["save the file as UTF-8 in your editor"],
    }, { cause: error });
  }
}

function firstBadByte(bytes: Uint8Array): { line: number; column: number; text: string } {
  const loose = new TextDecoder().decode(bytes);
  // A replacement character in the file itself is valid: skip those by comparing the encoded length.
  const encoder = new TextEncoder();
  let offset = loose.indexOf("\ufffd");
  while (offset >= 0) {
    const start = encoder.encode(loose.slice(0, offset)).length;
    const isWritten = bytes[start] === 0xef && bytes[start + 1] === 0xbf &&
      bytes[start + 2] === 0xbd;
    if (!isWritten) break;
    offset = loose.indexOf("\ufffd", offset + 1);
  }
  const before = loose.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {
    line: before.split("\n").length,
    column: offset - lineStart + 1,
    text: loose.slice(lineStart).split(/\r?\n/, 1)[0],
  };
}

/** Refuses what small text can blow up into: aliases of aliases, an alias inside itself. */
async function checkSize(source: Source): Promise<void> {
  let count = 0;
  const path: Step[] = [];
  const stack = new Set<object>();
  let problem: { message: string; hint: string; on?: "key" } | undefined;

  const walk = (value: unknown): boolean => {
    if (++count > MAX_VALUES) {
      const million = MAX_VALUES.toLocaleString("en");
      problem = {
        message: `${source.shown} grows to more than ${million} values through its aliases`,
        hint: "its aliases repeat one another here",
      };
      return false;
    }
    if (typeof value !== "object" || value === null) return true;
    if (stack.has(value)) {
      problem = { message: "an alias stands inside the value it repeats", hint: "never ends" };
      return false;
    }
    if (path.length > MAX_DEPTH) {
      problem = {
        message: `${source.shown} is nested deeper than ${MAX_DEPTH} levels`,
        hint: "this is too deep",
      };
      return false;
    }
    stack.add(value);
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value)) {
      path.push(isList ? Number(key) : key);
      if (key === "__proto__") {
        const message = 'the name "__proto__" is reserved';
        problem = { message, hint: "choose another", on: "key" };
      }
      if (problem || !walk(inner)) return false;
      path.pop();
    }
    stack.delete(value);
    return true;
  };

  if (walk(source.value) || !problem) return;
  const { locate } = await import("./locate.ts");
  const { message, hint, on = "value" } = problem;
  const place = locate(source, path, { on, stopAtAlias: true });
  throw new UserError({ message, place, hint });
}

/** Resolves a path written in a file against that file. */
export function besideFile(source: Source, path: string): string {
  return isAbsolute(path) ? path : resolve(dirname(source.path), path);
}
