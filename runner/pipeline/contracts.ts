/**
 * Loads stages' contracts: `uses: train` is the default export of `stages/train.ts`.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { didYouMean } from "../nearest.ts";
import type { StageContract } from "../stage.ts";
import { isMapping } from "./document.ts";
import type { At, Mistakes } from "./mistakes.ts";
import { showPath } from "./source.ts";

/** Names of the modules of a folder and its direct subfolders (`detection/faster_rcnn`), sorted. */
export function modulesOf(folder: string): string[] {
  const names = entriesOf(folder).flatMap(({ name, isDirectory }) =>
    isDirectory ? entriesOf(join(folder, name)).map((inner) => `${name}/${inner.name}`) : [name]
  );
  return names.filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -3)).sort();
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * The contracts of the named stages. One that cannot be had is left out and reported.
 *
 * @param wanted stage name → where it is named first
 */
export async function loadContracts(
  root: string,
  wanted: Map<string, At>,
  mistakes: Mistakes,
): Promise<Map<string, StageContract>> {
  const folder = join(root, "stages");
  const known = modulesOf(folder);
  const loaded = await Promise.all([...wanted].map(async ([uses, at]) => {
    if (!known.includes(uses)) {
      mistakes.add(`there is no stage file "${showPath(join(folder, `${uses}.ts`))}"`, at, {
        hint: didYouMean(uses, known),
        notes: [`stages: ${known.join(", ") || "none"}`],
      });
      return undefined;
    }
    const file = join(folder, `${uses}.ts`);
    try {
      const module: unknown = await import(pathToFileURL(file).href);
      const contract = isMapping(module) ? module.default : undefined;
      if (isContract(contract)) return [uses, contract] as const;
      mistakes.add(`${showPath(file)} is not a stage`, at, {
        notes: ["expected: export default defineStage({ ... })"],
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      mistakes.add(`cannot load ${showPath(file)}`, at, { notes: reason.split("\n") });
    }
    return undefined;
  }));
  return new Map(loaded.filter((one) => one !== undefined));
}

function isContract(value: unknown): value is StageContract {
  return isMapping(value) && isMapping(value.params) && "_zod" in value.params &&
    isMapping(value.inputs) && isMapping(value.outputs) && typeof value.run === "function";
}
