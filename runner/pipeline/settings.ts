/**
 * Changes of params on the command line: `--set train.epochs=3`, `--set det.train.epochs=3`.
 *
 * @module
 */
import type { Place } from "../diagnostic.ts";
import { didYouMean } from "../nearest.ts";
import { isMapping, type PipelineDocument, type Setting } from "./document.ts";
import { describe } from "./findings.ts";
import type { Mistakes } from "./mistakes.ts";
import { agrees, takesAnyKey, typeName } from "./param_types.ts";
import { valueAt } from "./schema_walk.ts";

/** What `--set` was given, on its way to the file whose param it changes. */
export interface SetArgument {
  /** `NAME=VALUE` */
  text: string;
  /** The includes that its name has led through, outermost first. */
  includes: string[];
}

/** The next part of an argument's name; undefined if it cannot be read. */
export function nextName({ text, includes }: SetArgument): string | undefined {
  return namesOf(text)?.[includes.length];
}

/** The parts of the name; undefined if there is none. */
function namesOf(text: string): string[] | undefined {
  const equals = text.indexOf("=");
  return equals < 1 ? undefined : text.slice(0, equals).trim().split(".");
}

/** Reads an argument and checks it against the document's params; undefined if it does not fit. */
export async function readSetting(
  document: PipelineDocument,
  { text: set, includes }: SetArgument,
  mistakes: Mistakes,
): Promise<Setting | undefined> {
  const text = `--set ${set}`;
  const place = (start: number, length: number): Place => ({
    line: 1,
    column: "--set ".length + start + 1,
    length: Math.max(1, length),
    text,
  });
  const names = namesOf(set);
  if (!names) {
    mistakes.add(`cannot read "${text}"`, place(0, set.length), { hint: "expected NAME=VALUE" });
    return undefined;
  }
  const name = names.join(".");
  const path = names.slice(includes.length);
  if (path.length === 0) {
    mistakes.add(`"${name}" is an included pipeline, not a param`, place(0, name.length), {
      hint: `expected ${name}.NAME=VALUE`,
      notes: wordsAt(document, name),
    });
    return undefined;
  }
  const equals = set.indexOf("=");
  const raw = set.slice(equals + 1);
  const at = place(equals + 1, raw.length);
  const below = knownParam(document, path, includes, place, mistakes);
  if (!below) return undefined;
  const value = await readValue(raw);
  if (value === undefined) {
    mistakes.add(`cannot read the value of "${name}" as YAML`, at, {
      hint: "put it in quotes if it is text",
    });
    return undefined;
  }
  const isScalar = typeof value === "number" || typeof value === "boolean";
  // Text that looks like a number is still text where text belongs.
  const fitting = typeof below.value === "string" && isScalar ? raw.trim() : value;
  if (!agrees(below.value, fitting)) {
    mistakes.add(`the param "${name}" cannot become ${describe(fitting)}`, at, {
      hint: `expected ${typeName(below.value)}, as the default is ${describe(below.value)}`,
    });
    return undefined;
  }
  return { path, value: fitting, place: at };
}

/** What a name may go on with, as notes: params, and the includes that have params of their own. */
function wordsAt({ file }: PipelineDocument, above: string): string[] {
  const [params, includes] = [Object.keys(file.params ?? {}), Object.keys(file.include ?? {})];
  const owner = above === "" ? "params" : `"${above}"`;
  return [
    ...(params.length > 0 || includes.length === 0
      ? [`${owner} has: ${params.join(", ") || "nothing"}`]
      : []),
    ...(includes.length > 0 ? [`includes: ${includes.join(", ")}`] : []),
  ];
}

/** The value that a path has now; null where any would do. */
function knownParam(
  document: PipelineDocument,
  path: string[],
  includes: string[],
  place: (start: number, length: number) => Place,
  mistakes: Mistakes,
): { value: unknown } | undefined {
  const params = document.file.params ?? {};
  let here: unknown = params;
  let start = includes.map((name) => `${name}.`).join("").length;
  for (const [depth, key] of path.entries()) {
    if (isMapping(here) && Object.hasOwn(here, key)) {
      here = here[key];
      start += key.length + 1;
      continue;
    }
    if (takesAnyKey(document, path.slice(0, depth), here)) return { value: null };
    const above = [...includes, ...path.slice(0, depth)].join(".");
    const words = Object.keys(isMapping(here) ? here : {});
    if (depth === 0) words.push(...Object.keys(document.file.include ?? {}));
    const isPrefixed = depth === 0 && key === "params" &&
      valueAt(params, path.slice(1)) !== undefined;
    const unknown = [...includes, ...path.slice(0, depth + 1)].join(".");
    mistakes.add(`there is no param "${unknown}"`, place(start, key.length), {
      hint: isPrefixed
        ? `write "${[...includes, ...path.slice(1)].join(".")}"`
        : didYouMean(key, words),
      notes: depth === 0
        ? wordsAt(document, above)
        : isMapping(here)
        ? [`"${above}" has: ${words.join(", ") || "nothing"}`]
        : [`"${above}" is ${describe(here)}: it has no parts`],
    });
    return undefined;
  }
  return { value: here };
}

/** Undefined if it is not YAML. */
async function readValue(raw: string): Promise<unknown> {
  if (raw.trim() === "") return null;
  const { CORE_SCHEMA, load } = await import("js-yaml"); // only for who sets something
  try {
    return load(raw, { schema: CORE_SCHEMA, maxAliases: 0 });
  } catch {
    return undefined;
  }
}

/** The params with one of them changed. */
export function assign(
  params: Record<string, unknown>,
  [key, ...rest]: string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...params, [key]: value };
  const below = params[key];
  return { ...params, [key]: assign(isMapping(below) ? below : {}, rest, value) };
}
