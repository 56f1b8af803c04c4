/**
 * The code of results: the very modules that their keys name, and what else it takes to run them.
 *
 * A module that has changed since, so that no key names it as it is now, is left out.
 *
 * @module
 */
import { join, relative } from "node:path";
import { isScript, readLock } from "../plan/closure.ts";
import { configFile, readModuleGraph } from "../plan/module_graph.ts";
import { digestModule } from "../plan/module_facts.ts";
import { digestPackage, type PackageGraph } from "../plan/packages.ts";
import type { ActionRecord } from "../plan/record.ts";
import { digestBytes } from "../store/digest.ts";
import { followIfThere, namesIn } from "../store/files.ts";
import type { TreeFile } from "../store/tree.ts";
import { codeEntry, LARGEST_CODE, type LeftOut } from "./manifest.ts";
import type { EntryToWrite } from "./write_archive.ts";

/** The digest that keys have for a module that is imported and is not there. */
export const MISSING = "missing";

/** Files of a project. */
export interface Code {
  entries: EntryToWrite[];
  /** The same as they stand in the manifest. */
  files: TreeFile[];
  leftOut: LeftOut[];
}

/** Which digests the keys of results have for each module and package. */
export class NamedCode {
  readonly digests = new Map<string, Set<string>>();

  /** Adds what the key of one result is made of. */
  add({ material }: Pick<ActionRecord, "material">): void {
    for (const [id, digest] of Object.entries(material.code)) {
      const all = this.digests.get(id) ?? new Set();
      this.digests.set(id, all.add(digest));
    }
  }
}

/** Whether an id in a key's code names a file of the project. */
export function isProjectFile(id: string): boolean {
  return !id.startsWith("../") && !/^\w+:/.test(id);
}

/** What else it takes to run a pipeline. */
export interface Companions {
  /** Absolute path → text of files such as the pipeline's own. */
  texts: ReadonlyMap<string, string>;
  /** Paths of modules in the project, such as stages that have no result. */
  modules: string[];
}

/**
 * Gathers the code; beside what the keys name, also the runner and what the companions reach, as they
 * are now.
 *
 * @param root absolute path of the project
 */
export async function gatherCode(
  root: string,
  records: ActionRecord[],
  more: Companions,
): Promise<Code> {
  const names = new NamedCode();
  records.forEach((record) => names.add(record));
  const leftOut: LeftOut[] = [];
  const leaveOut: LeaveOut = (path, why) => void leftOut.push({ path, why });
  const contents = await modulesOf(root, names.digests, leaveOut);

  const others = [...filesBelow(root, "runner"), ...more.modules];
  const scripts = [...contents.keys(), ...others].filter(isScript);
  const graph = await readModuleGraph(root, [...new Set(scripts)]);
  checkPackages(root, names.digests, graph.packages, leaveOut);
  const config = [configFile(root), `${root}/deno.lock`, `${root}/package.json`];
  for (const path of [...graph.modules.map(({ path }) => path), ...config]) {
    const id = relative(root, path ?? "");
    const isOther = path !== undefined && isProjectFile(id) && !names.digests.has(id);
    const bytes = isOther ? readFile(path) : undefined;
    if (bytes) contents.set(id, bytes);
  }
  for (const [path, text] of more.texts) {
    const id = relative(root, path);
    if (isProjectFile(id)) contents.set(id, new TextEncoder().encode(text));
    else leaveOut(path, "is no file of the project");
  }
  for (const [id, { length }] of contents) {
    if (length <= LARGEST_CODE) continue;
    contents.delete(id);
    leaveOut(id, "is too large to be code");
  }
  return { ...entriesOf(contents), leftOut: leftOut.sort((a, b) => a.path < b.path ? -1 : 1) };
}

type LeaveOut = (path: string, why: string) => void;

/** The modules that keys name, as far as they are still what the keys name. */
async function modulesOf(
  root: string,
  named: NamedCode["digests"],
  leaveOut: LeaveOut,
): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const [id, digests] of named) {
    if (id.startsWith("npm:")) continue;
    if (!isProjectFile(id)) {
      leaveOut(id, "is no file of the project");
      continue;
    }
    const bytes = readFile(join(root, id));
    if (bytes === undefined) {
      if ([...digests].some((digest) => digest !== MISSING)) leaveOut(id, "is gone");
      continue;
    }
    const digest = await digestModule(id, bytes);
    if (digests.has(digest)) contents.set(id, bytes);
    if (digests.size > 1 || !digests.has(digest)) leaveOut(id, "has changed since");
  }
  return contents;
}

/** Names the packages that the lock file no longer pins as the keys have them. */
function checkPackages(
  root: string,
  named: NamedCode["digests"],
  packages: PackageGraph,
  leaveOut: LeaveOut,
): void {
  const lock = readLock(root);
  for (const [id, digests] of named) {
    if (!id.startsWith("npm:") || digests.has(digestPackage(id.slice(4), packages, lock))) continue;
    leaveOut(id, "is locked differently now, or used no more");
  }
}

function entriesOf(contents: ReadonlyMap<string, Uint8Array>): Pick<Code, "entries" | "files"> {
  const sorted = [...contents].sort(([a], [b]) => a < b ? -1 : 1);
  const entries = sorted.map(([path, source]) => ({
    name: codeEntry(path),
    size: source.length,
    digest: digestBytes(source),
    source,
  }));
  const files = entries.map(({ digest, size }, i) => ({ path: sorted[i][0], digest, size }));
  return { entries, files };
}

/** @returns undefined if no file is there */
function readFile(path: string): Uint8Array | undefined {
  return followIfThere(path)?.isFile ? Deno.readFileSync(path) : undefined;
}

/** Paths relative to the root. */
function filesBelow(root: string, folder: string): string[] {
  return namesIn(join(root, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    return followIfThere(join(root, path))?.isDirectory ? filesBelow(root, path) : [path];
  });
}
