/**
 * Pipelines that belong to another: `include: { det: { pipeline: det_coco.yaml, profile: paper } }`.
 *
 * Each is loaded as it is by itself; then its stages join those of the file that includes it, with
 * the include's name before their ids.
 *
 * @module
 */
import { dirname, relative } from "node:path";
import { UserError } from "../diagnostic.ts";
import { isMapping, type PipelineDocument } from "./document.ts";
import { type LookUp, substitute } from "./expression.ts";
import { describe } from "./findings.ts";
import { renameProducers, type StageInstance } from "./instance.ts";
import type { Mistakes, Where } from "./mistakes.ts";
import { findPlace } from "./origin.ts";
import type { Choices } from "./params.ts";
import { valueAt } from "./schema_walk.ts";
import { nextName, type SetArgument } from "./settings.ts";
import { fewest } from "./slots.ts";
import { besideFile, showPath } from "./source.ts";
import type { DeclaredStage } from "./wiring.ts";

/** What a file, with all it includes, has come to. */
export interface Part {
  /** The profile that was chosen; undefined for the defaults. */
  profile: string | undefined;
  /** Without references; those of a file that it includes stand under the include's name. */
  params: Record<string, unknown>;
  instances: StageInstance[];
  /** Its stages by name, for references to them. */
  stages: Map<string, DeclaredStage>;
  /** How many there are of what its stages take slots of. */
  slots: Record<string, number>;
}

/** Which file to load, and on whose behalf. */
export interface PartRequest {
  /** Absolute. */
  path: string;
  choices: Choices;
  /** What `--set` says to it and to what it includes. */
  sets: SetArgument[];
  /** Names of the includes that lead to it, outermost first. */
  includes: string[];
  /** Files that include one another on the way to it, outermost first. Absolute. */
  chain: string[];
  /** How to write the names of files that are proposed in its place. */
  show: (path: string) => string;
}

/** Loads a file. @throws {UserError} with all mistakes and their places */
export type LoadPart = (request: PartRequest) => Promise<Part>;

/** Arguments by the include that they lead to; `own` are those for the file's own params. */
export function sortSets(
  { file }: PipelineDocument,
  sets: SetArgument[],
): { own: SetArgument[]; byInclude: Map<string, SetArgument[]> } {
  const byInclude = new Map(
    Object.keys(file.include ?? {}).map((name): [string, SetArgument[]] => [name, []]),
  );
  const own = sets.filter((set) => {
    const name = nextName(set);
    if (name === undefined) return true;
    byInclude.get(name)?.push({ ...set, includes: [...set.includes, name] });
    return !byInclude.has(name);
  });
  return { own, byInclude };
}

/**
 * Loads what a file includes.
 *
 * @param request the file's own
 * @returns what could be loaded; what could not has added to `mistakes`
 */
export async function loadIncludes(
  document: PipelineDocument,
  request: PartRequest,
  sets: Map<string, SetArgument[]>,
  lookUp: LookUp,
  load: LoadPart,
  mistakes: Mistakes,
): Promise<Omit<Part, "profile">> {
  const instances: StageInstance[] = [];
  const params: Part["params"] = {};
  const stages: Part["stages"] = new Map();
  let slots: Part["slots"] = {};
  for (const name of Object.keys(document.file.include ?? {})) {
    checkName(document, name, mistakes);
    const next = readEntry(document, request, name, sets.get(name) ?? [], lookUp, mistakes);
    if (!next) continue;
    try {
      const part = await load(next);
      instances.push(...part.instances.map((one) => inside(name, one)));
      slots = fewest(slots, part.slots);
      params[name] = part.params;
      for (const [inner, stage] of part.stages) {
        stages.set(`${name}/${inner}`, {
          isMatrix: stage.isMatrix,
          cells: stage.cells.map((id) => `${name}/${id}`),
          present: new Map([...stage.present].map(([id, one]) => [`${name}/${id}`, one])),
        });
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      for (const { message, place, ...more } of error.diagnostics) {
        mistakes.add(message, place ?? { path: ["include", name, "pipeline"] }, more);
      }
    }
  }
  return { instances, params, stages, slots };
}

/** One name must not lead to two things. */
function checkName({ file }: PipelineDocument, name: string, mistakes: Mistakes): void {
  for (const [section, noun] of [["stages", "a stage"], ["params", "a param"]] as const) {
    if (!Object.hasOwn(file[section] ?? {}, name)) continue;
    mistakes.add(`include "${name}" has the name of ${noun}`, {
      path: ["include", name],
      on: "key",
    }, { hint: "choose another" });
  }
}

/** Reads an entry, in which `${params.NAME}` stands for params of the file that says it. */
function readEntry(
  document: PipelineDocument,
  request: PartRequest,
  name: string,
  sets: SetArgument[],
  lookUp: LookUp,
  mistakes: Mistakes,
): PartRequest | undefined {
  const owner = `include "${name}"`;
  const path = ["include", name];
  const entry = document.file.include?.[name];
  const before = mistakes.count;
  const read = substitute(entry, path, lookUp, mistakes);
  if (!isMapping(read) || mistakes.count > before) return undefined;
  const { pipeline, profile, params } = read;
  if (pipeline === undefined) {
    mistakes.add(`${owner} does not say which pipeline`, { path, on: "key" }, {
      hint: "expected pipeline: FILE",
    });
    return undefined;
  }
  for (const [key, value] of Object.entries({ pipeline, profile: profile ?? "" })) {
    if (typeof value === "string") continue;
    mistakes.add(`"${key}" of ${owner} must be text`, { path: [...path, key] }, {
      hint: `found ${describe(value)}`,
    });
  }
  if (typeof pipeline !== "string" || mistakes.count > before) return undefined;

  const steps = [...path, "pipeline"];
  const source = document.sources.find(({ value }) => valueAt(value, steps) !== undefined) ??
    document.sources[0];
  const chain = [...request.chain, request.path];
  const file = besideFile(source, pipeline);
  if (chain.includes(file)) {
    const round = [...chain.slice(chain.indexOf(file)), file].map(showPath);
    mistakes.add(`${showPath(file)} includes itself`, { path: steps }, {
      notes: [round.join(" → ")],
    });
    return undefined;
  }
  const at = (key: string): Where => () => findPlace(document, { path: [...path, key] });
  return {
    path: file,
    choices: {
      profile: typeof profile === "string" ? { name: profile, at: at("profile") } : undefined,
      given: isMapping(params)
        ? {
          owner,
          params,
          find: (at) => findPlace(document, { ...at, path: [...path, "params", ...at.path] }),
        }
        : undefined,
    },
    sets,
    includes: [...request.includes, name],
    chain,
    // As the including file would write them.
    show: (other) => relative(dirname(source.path), other),
  };
}

/** A stage as the including file sees it. */
function inside(name: string, instance: StageInstance): StageInstance {
  return {
    ...instance,
    id: `${name}/${instance.id}`,
    name: `${name}/${instance.name}`,
    inputs: renameProducers(instance, (id) => `${name}/${id}`),
  };
}
