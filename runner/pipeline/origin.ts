/**
 * Where a value of a merged document was written: in which file, by which profile or argument.
 *
 * @module
 */
import type { Place } from "../diagnostic.ts";
import { isMapping, type PipelineDocument } from "./document.ts";
import { makeLookUp } from "./look_up.ts";
import { type At, Mistakes } from "./mistakes.ts";
import { parseReference, wholeReference } from "./reference.ts";
import { valueAt } from "./schema_walk.ts";
import type { Step } from "./source.ts";

/**
 * Where a value of the merged document was written. Follows `${params.x}` to what it stands for, and
 * knows what a profile, an including file or the command line laid over the params.
 */
export async function findPlace(document: PipelineDocument, at: At): Promise<Place> {
  const { locate } = await import("./locate.ts");
  const options = {
    on: at.on ?? "value",
    ...(at.within === undefined ? {} : { within: at.within }),
  };
  if (at.source) return locate(at.source, at.path, options);
  let path = at.path;
  // A text to point at stands where the reference is written, not where it leads.
  if (at.within === undefined) path = follow(document, path, at.cell);
  for (; path.length > 0; path = path.slice(0, -1)) {
    if (path[0] === "params") {
      const steps = path.slice(1);
      const setting = document.settings.findLast((one) => isPrefix(one.path, steps));
      if (setting) return setting.place;
      const { given } = document;
      if (given && steps.length > 0 && valueAt(given.params, steps) !== undefined) {
        return await given.find({ ...at, path: steps });
      }
    }
    for (const candidate of origins(document, path)) {
      const source = document.sources.find((one) => valueAt(one.value, candidate) !== undefined);
      if (source) return locate(source, candidate, options);
    }
  }
  return locate(document.sources[0], []);
}

function origins({ profile }: PipelineDocument, path: Step[]): Step[][] {
  const [section, ...rest] = path;
  const inProfile = section === "params" && profile !== undefined;
  return inProfile ? [["profiles", profile, ...rest], path] : [path];
}

function isPrefix(prefix: Step[], path: Step[]): boolean {
  return prefix.length <= path.length && prefix.every((step, i) => step === path[i]);
}

/** The param that a value stands for, e.g. `data.path`, if it is a reference to one. */
export function paramBehind(document: PipelineDocument, { path, cell }: At): string | undefined {
  const [section, ...rest] = follow(document, path, cell);
  return section === "params" ? rest.join(".") : undefined;
}

/**
 * Follows texts that are nothing but one reference along a path; ends where the data stands. A value
 * of a matrix leads to the list it is taken from.
 */
function follow(document: PipelineDocument, path: Step[], cell: At["cell"]): Step[] {
  let here = path;
  for (let hops = 0; hops < 20; hops++) {
    const next = followOnce(document, here, cell);
    if (!next) return here;
    here = next;
  }
  return here;
}

function followOnce(
  document: PipelineDocument,
  path: Step[],
  cell: At["cell"],
): Step[] | undefined {
  for (let depth = 1; depth <= path.length; depth++) {
    const value = valueAt(document.file, path.slice(0, depth));
    const name = typeof value === "string" ? wholeReference(value) : undefined;
    const reference = name === undefined ? undefined : parseReference(name);
    if (!reference) continue;
    const [root, ...steps] = reference.steps;
    if (root !== "params" && root !== "matrix") continue;
    const target = root === "params" ? ["params"] : axesAt(document, path.slice(0, 2), steps[0]);
    const lookUp = makeLookUp(document, new Mistakes())(cell);
    const keys = steps.map((step) =>
      typeof step === "string" ? step : String(lookUp(step.text, { path }))
    );
    return [...target, ...keys, ...path.slice(depth)];
  }
  return undefined;
}

/** Where the list of a matrix's axis stands: beside the others, or with those that walk together. */
function axesAt(document: PipelineDocument, stage: Step[], axis: unknown): Step[] {
  const matrix = [...stage, "matrix"];
  const lists = valueAt(document.file, matrix);
  const isAlone = typeof axis === "string" && isMapping(lists) && Object.hasOwn(lists, axis);
  return isAlone ? matrix : [...matrix, "zip"];
}
