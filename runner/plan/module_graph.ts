/**
 * Asks Deno which modules import which.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UserError } from "../diagnostic.ts";
import type { PackageGraph } from "./packages.ts";

/** One import of a module. */
export interface Edge {
  /** As written, e.g. `./a.ts`. */
  specifier: string;
  /** See {@link GraphModule.id}; undefined for built-in modules. */
  id: string | undefined;
  dynamic: boolean;
}

/** A module that Deno would load. */
export interface GraphModule {
  /** Path relative to the project, `npm:<package id>`, or the URL of a remote module. */
  id: string;
  /** Absolute path of its text; undefined for packages. */
  path: string | undefined;
  /** Imports that remain once types are gone. */
  edges: Edge[];
}

/** All that the entry modules reach. */
export interface ModuleGraph {
  modules: GraphModule[];
  packages: PackageGraph;
}

/** The part of `deno info --json` that is read here. */
interface Info {
  /** The module of this file that imports the entries. */
  roots: string[];
  modules: InfoModule[];
  redirects: Record<string, string>;
  npmPackages: PackageGraph;
}

interface InfoModule {
  specifier: string;
  local?: string;
  npmPackage?: string;
  error?: string;
  dependencies?: { specifier: string; code?: { specifier?: string }; isDynamic?: boolean }[];
}

/**
 * Follows the imports of modules: static, re-exported, JSON, dynamic ones with a literal path; not
 * type-only ones. Of names made at run time Deno tells those below the importing module's folder
 * (``import(`./models/${name}.ts`)`` counts as every file there); for others the sandbox asks for
 * permission, so a module that is not listed here is an error and not a stale result.
 *
 * @param project absolute path of the project's root
 * @param entries ids of modules of the project
 * @throws {UserError} if Deno cannot tell, e.g. because a package cannot be had
 */
export async function readModuleGraph(project: string, entries: string[]): Promise<ModuleGraph> {
  if (entries.length === 0) return { modules: [], packages: {} };
  const info = await denoInfo(project, entries);
  const byUrl = new Map(info.modules.map((module) => [module.specifier, module]));
  const idOf = (url: string): string | undefined => {
    const end = info.redirects[url] ?? url;
    const npmPackage = byUrl.get(end)?.npmPackage;
    if (npmPackage !== undefined) return `npm:${npmPackage}`;
    if (end.startsWith("node:")) return undefined;
    return end.startsWith("file:") ? relative(project, fileURLToPath(end)) : end;
  };
  const modules: GraphModule[] = [];
  for (const { specifier, local, npmPackage, dependencies = [] } of info.modules) {
    const id = idOf(specifier);
    if (id === undefined || npmPackage !== undefined || info.roots.includes(specifier)) continue;
    const edges = dependencies.flatMap(({ specifier, code, isDynamic = false }) =>
      code?.specifier === undefined
        ? []
        : [{ specifier, id: idOf(code.specifier), dynamic: isDynamic }]
    );
    const path = specifier.startsWith("file:") ? fileURLToPath(specifier) : local;
    modules.push({ id, path, edges });
  }
  return { modules, packages: info.npmPackages };
}

async function denoInfo(project: string, entries: string[]): Promise<Info> {
  // The command takes one file, and starting it once for each stage would take a second.
  const entry = Deno.makeTempFileSync({ suffix: ".ts" });
  try {
    const imports = entries.map((id) =>
      `import ${JSON.stringify(pathToFileURL(`${project}/${id}`).href)};`
    );
    Deno.writeTextFileSync(entry, imports.join("\n"));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", ...configArguments(project), entry],
      cwd: project,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    if (!success) {
      throw new UserError({
        message: "Cannot find out which code the stages use: deno info failed",
        notes: new TextDecoder().decode(stderr).trim().split("\n"),
      });
    }
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    Deno.removeSync(entry);
  }
}

/** Names the files that say how imports are resolved, in the order in which Deno looks for them. */
export function configFile(project: string): string | undefined {
  return ["deno.json", "deno.jsonc"].map((name) => `${project}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  });
}

function configArguments(project: string): string[] {
  const config = configFile(project);
  return config === undefined ? ["--no-config"] : ["--config", config];
}
