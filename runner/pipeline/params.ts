/**
 * The params of a run: defaults, a profile over them, `--set` over both, each checked.
 *
 * @module
 */
import { CORE_SCHEMA, load } from "js-yaml";
import { didYouMean } from "../nearest.ts";
import { isMapping, overlay, type PipelineDocument, type Setting } from "./document.ts";
import { describe } from "./findings.ts";
import type { At, Mistakes } from "./mistakes.ts";
import { valueAt } from "./schema_walk.ts";
import type { Step } from "./source.ts";

/** Lays the profile and the settings over the document's params, checking both. */
export function applyChoices(
  document: PipelineDocument,
  profile: string | undefined,
  sets: string[],
  mistakes: Mistakes,
): void {
  const { file } = document;
  const defaults = file.params ?? {};
  for (const [name, params] of Object.entries(file.profiles ?? {})) {
    checkProfile(defaults, params ?? {}, ["profiles", name], [], mistakes);
  }
  if (profile !== undefined && profile !== "default") {
    const found = valueAt(file.profiles, [profile]);
    if (found !== undefined) {
      document.profile = profile;
      file.params = overlay(defaults, isMapping(found) ? found : {});
    } else {
      const profiles = ["default", ...Object.keys(file.profiles ?? {})];
      const text = `--profile ${profile}`;
      mistakes.add(`there is no profile "${profile}"`, {
        line: 1,
        column: text.length - profile.length + 1,
        length: profile.length,
        text,
      }, {
        hint: didYouMean(profile, profiles),
        notes: [`${document.sources[0].shown} has the profiles: ${profiles.join(", ")}`],
      });
    }
  }
  for (const set of sets) {
    const setting = readSetting(file.params ?? {}, set, mistakes);
    if (!setting) continue;
    document.settings.push(setting);
    file.params = assign(file.params ?? {}, setting.path, setting.value);
  }
}

/** A mapping whose keys the chosen module defines: any key may be set in it. */
function isOpen(name: Step | undefined, value: unknown): boolean {
  if (!isMapping(value)) return value === null;
  return Object.keys(value).length === 0 || /(^|_)options$/.test(String(name));
}

function checkProfile(
  defaults: unknown,
  over: Record<string, unknown>,
  prefix: Step[],
  path: Step[],
  mistakes: Mistakes,
): void {
  for (const [key, value] of Object.entries(over)) {
    const here = [...path, key];
    const at: At = { path: [...prefix, ...here], on: "key" };
    if (!isMapping(defaults) || !Object.hasOwn(defaults, key)) {
      const words = isMapping(defaults) ? Object.keys(defaults) : [];
      const scope = path.length === 0 ? "params" : `params.${path.join(".")}`;
      mistakes.add(`profile "${prefix[1]}" sets the unknown param "${here.join(".")}"`, at, {
        hint: didYouMean(key, words),
        notes: [`${scope} has: ${words.join(", ")}`],
      });
      continue;
    }
    const below = defaults[key];
    if (isOpen(key, below)) continue;
    const wanted = typeName(below);
    if (isMapping(value) && isMapping(below)) {
      checkProfile(below, value, prefix, here, mistakes);
    } else if (!agrees(below, value)) {
      mistakes.add(
        `profile "${prefix[1]}" sets the param "${here.join(".")}" to another type`,
        { ...at, on: "value" },
        { hint: `expected ${wanted}, found ${describe(value)}` },
      );
    }
  }
}

/** Null stands for "not given" and fits everywhere; a reference is checked where it is used. */
function agrees(below: unknown, value: unknown): boolean {
  const isReference = (one: unknown) => typeof one === "string" && one.includes("${");
  if (below === null || value === null || isReference(below) || isReference(value)) return true;
  return typeName(below) === typeName(value);
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "boolean":
      return "true or false";
    case "number":
      return "a number";
    case "string":
      return "text";
    default:
      return value === null ? "null" : "a mapping";
  }
}

function readSetting(
  params: Record<string, unknown>,
  set: string,
  mistakes: Mistakes,
): Setting | undefined {
  const text = `--set ${set}`;
  const place = (start: number, length: number) => ({
    line: 1,
    column: "--set ".length + start + 1,
    length: Math.max(1, length),
    text,
  });
  const equals = set.indexOf("=");
  if (equals < 1) {
    mistakes.add(`cannot read "${text}"`, place(0, set.length), { hint: "expected NAME=VALUE" });
    return undefined;
  }
  const path = set.slice(0, equals).trim().split(".");
  const raw = set.slice(equals + 1);
  const at = place(equals + 1, raw.length);
  const below = knownParam(params, path, place, mistakes);
  if (!below) return undefined;
  const value = readValue(raw);
  if (value === undefined) {
    mistakes.add(`cannot read the value of "${path.join(".")}" as YAML`, at, {
      hint: "put it in quotes if it is text",
    });
    return undefined;
  }
  const isScalar = typeof value === "number" || typeof value === "boolean";
  // Text that looks like a number is still text where text belongs.
  const fitting = typeof below.value === "string" && isScalar ? raw.trim() : value;
  if (!agrees(below.value, fitting)) {
    mistakes.add(`the param "${path.join(".")}" cannot become ${describe(fitting)}`, at, {
      hint: `expected ${typeName(below.value)}, as the default is ${describe(below.value)}`,
    });
    return undefined;
  }
  return { path, value: fitting, place: at };
}

function knownParam(
  params: Record<string, unknown>,
  path: string[],
  place: (start: number, length: number) => At | Setting["place"],
  mistakes: Mistakes,
): { value: unknown } | undefined {
  let here: unknown = params;
  let start = 0;
  for (const [depth, key] of path.entries()) {
    if (isMapping(here) && Object.hasOwn(here, key)) {
      here = here[key];
    } else if (isOpen(path[depth - 1], here) && depth > 0) {
      return { value: null };
    } else {
      const words = isMapping(here) ? Object.keys(here) : [];
      const above = path.slice(0, depth).join(".");
      const isPrefixed = depth === 0 && key === "params" &&
        valueAt(params, path.slice(1)) !== undefined;
      mistakes.add(
        `there is no param "${path.slice(0, depth + 1).join(".")}"`,
        place(start, key.length),
        {
          hint: isPrefixed ? `write "${path.slice(1).join(".")}"` : didYouMean(key, words),
          notes: [
            isMapping(here)
              ? `${above === "" ? "params" : `"${above}"`} has: ${words.join(", ") || "nothing"}`
              : `"${above}" is ${describe(here)}: it has no parts`,
          ],
        },
      );
      return undefined;
    }
    start += key.length + 1;
  }
  return { value: here };
}

/** Undefined if it is not YAML. */
function readValue(raw: string): unknown {
  if (raw.trim() === "") return null;
  try {
    return load(raw, { schema: CORE_SCHEMA, maxAliases: 0 });
  } catch {
    return undefined;
  }
}

function assign(
  params: Record<string, unknown>,
  [key, ...rest]: string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...params, [key]: value };
  const below = params[key];
  return { ...params, [key]: assign(isMapping(below) ? below : {}, rest, value) };
}
