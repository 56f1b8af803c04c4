/**
 * Where things lie: packages, and the results of a run for people to open.
 *
 * @module
 */
import { join, relative } from "node:path";
import { UserError } from "../diagnostic.ts";
import type { RunResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import type { Store } from "../store/store.ts";
import { leaves } from "../ui/ending.ts";

/** Packages may be links to another place, and Deno judges by real paths. */
export function packagesFolder(root: string): string {
  const folder = join(root, "node_modules");
  try {
    return Deno.realPathSync(folder);
  } catch {
    return folder; // no packages, no folder
  }
}

/** The stages are done, so a disk that takes no more folders is a pity, not a failure. */
async function layOut(
  tree: string,
  store: Pick<Store, "materialise">,
): Promise<string | UserError> {
  try {
    return await store.materialise(tree);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** What a run leaves in the remote cache if it is told to. */
const ELSEWHERE = "in the remote cache; deno task cache pull fetches it";

/**
 * One line for each output of the stages whose tables are shown: the page in it, or else its folder.
 * Other outputs may hold many files, and are left alone.
 *
 * @param from folder that paths are relative to
 */
export async function renderPlaces(
  pipeline: Pipeline,
  result: RunResult,
  store: Pick<Store, "materialise" | "holds" | "isPacked">,
  from: string,
): Promise<string> {
  const lines: string[] = [];
  for (const { outputs, tables, remote, status } of leaves(pipeline, result)) {
    if (tables.length === 0) continue;
    for (const [name, tree] of Object.entries(outputs)) {
      if (remote && !store.holds(tree)) {
        lines.push(`${name}: ${ELSEWHERE}\n`);
        continue;
      }
      if (status === "hit" && store.isPacked(tree)) {
        lines.push(`${name}: packed; deno task show ${tree.slice(0, 12)} lays it out\n`);
        continue;
      }
      const folder = await layOut(tree, store);
      if (typeof folder !== "string") {
        lines.push(`${name}: ${folder.message}\n`);
        continue;
      }
      const pages = [...Deno.readDirSync(folder)].map((file) => file.name)
        .filter((file) => file.endsWith(".html"));
      const path = pages.length === 1 ? `${folder}/${pages[0]}` : folder;
      const short = relative(from, path);
      lines.push(`${name}: ${short.startsWith("..") ? path : short}\n`);
    }
  }
  return lines.length === 0 ? "" : `\n${lines.join("")}`;
}
