/**
 * The code of a stage: every module its entry file reaches, and the packages these use.
 *
 * What was learnt of each module is kept by its stat, so when nothing has changed no process is
 * started and no module is read.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { digestBytes, digestValue } from "../store/digest.ts";
import { followIfThere, readIfThere } from "../store/files.ts";
import { isSettled, statLine } from "../store/path_digests.ts";
import type { Store } from "../store/store.ts";
import { type ModuleFacts, readFacts } from "./module_facts.ts";
import { configFile, readModuleGraph } from "./module_graph.ts";
import { digestPackage, type LockFile } from "./packages.ts";

/** Module (relative to the project) or package (`npm:name@version`) → digest. */
export type CodeDigests = Record<string, string>;

/** Where the code of one stage begins. All relative to the project. */
export interface CodeEntry {
  /** E.g. `stages/train.ts`. */
  file: string;
  /**
   * Modules that params choose by name. Of the others in and below their folders, only those count
   * that are imported by a literal path.
   */
  modules: string[];
}

interface Knowledge {
  /** Digest of all that decides how imports resolve. */
  config: string;
  modules: Record<string, ModuleFacts>;
  /** `npm:<id>` → digest. */
  packages: Record<string, string>;
  /** Folders of choices → digest of the names in them: a new file is a new choice. */
  folders: Record<string, string>;
}

/** Rounds of asking Deno: modules named by `new URL()` are entries of their own in the next. */
const ROUNDS = 10;

/**
 * Digests of the code that each stage reaches.
 *
 * @param project absolute path of the project's root
 * @returns one per entry, in order
 */
export async function readClosures(
  project: string,
  entries: CodeEntry[],
  store: Store,
): Promise<CodeDigests[]> {
  const cacheName = `code/${digestBytes(project)}.json`;
  const before = store.readCache(cacheName);
  const knowledge = usable(before, configDigest(project));
  const reader = new ClosureReader(project, knowledge);
  for (let round = 0;; round++) {
    reader.unknown.clear();
    // The cells of a matrix begin at the same files.
    const known = new Map<string, CodeDigests>();
    const closures = entries.map((entry) =>
      remember(known, JSON.stringify(entry), () => reader.closure(entry))
    );
    if (reader.unknown.size === 0 || round === ROUNDS) {
      const after = JSON.stringify(knowledge);
      if (after !== before) store.writeCache(cacheName, after);
      return closures;
    }
    const roots = entries.flatMap(({ file, modules }) => [file, ...modules]);
    await reader.learn(round === 0 ? [...roots, ...reader.unknown] : [...reader.unknown]);
  }
}

/** Import map, lock file and Deno itself: with another of these every import may lead elsewhere. */
function configDigest(project: string): string {
  const files = [configFile(project), `${project}/deno.lock`, `${project}/package.json`];
  const texts = files.map((path) => path === undefined ? null : readIfThere(path) ?? null);
  return digestValue([1, Deno.version.deno, ...texts]);
}

function usable(text: string | undefined, config: string): Knowledge {
  const nothing = { config, modules: {}, packages: {}, folders: {} };
  const known: Knowledge = JSON.parse(text ?? "{}");
  return known.config === config ? known : nothing;
}

class ClosureReader {
  /** Ids that were reached but are not known, or no longer. */
  readonly unknown = new Set<string>();
  /** Whether a module or folder is as it was known, asked once. */
  readonly #current = new Map<string, boolean>();

  constructor(readonly project: string, readonly knowledge: Knowledge) {}

  /** Walks what is known, and collects in `unknown` what is not. */
  closure({ file, modules }: CodeEntry): CodeDigests {
    const chosenFolders = modules.map((module) => dirname(module));
    const digests: CodeDigests = {};
    const open = [file, ...modules];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (id in digests) continue;
      if (id.startsWith("npm:")) {
        if (!(id in this.knowledge.packages)) this.unknown.add(file);
        digests[id] = this.knowledge.packages[id] ?? "";
        continue;
      }
      if (!this.#isCurrent(id)) {
        this.unknown.add(id);
        digests[id] = "";
        continue;
      }
      const { digest, needs, choices } = this.knowledge.modules[id];
      digests[id] = digest;
      open.push(...needs);
      const free = choices.filter((choice) =>
        !chosenFolders.some((folder) => choice.startsWith(`${folder}/`))
      );
      open.push(...free);
      for (const folder of new Set(free.map((choice) => dirname(choice)))) {
        if (!this.#isFolderCurrent(folder)) this.unknown.add(id);
      }
    }
    return Object.fromEntries(Object.entries(digests).sort(([a], [b]) => a < b ? -1 : 1));
  }

  #isCurrent(id: string): boolean {
    return remember(this.#current, id, () => {
      const facts = this.knowledge.modules[id];
      if (facts === undefined || facts.path === "") return facts !== undefined;
      const info = followIfThere(facts.path);
      if (!info?.isFile) return facts.raw === "";
      const stat = statLine(info);
      if (facts.stat === stat) return true;
      // Touched, checked out again, or too fresh to trust its time: its text decides.
      if (digestBytes(Deno.readFileSync(facts.path)) !== facts.raw) return false;
      facts.stat = isSettled(info, Date.now()) ? stat : "";
      return true;
    });
  }

  #isFolderCurrent(folder: string): boolean {
    return remember(
      this.#current,
      `${folder}/`,
      () => this.knowledge.folders[folder] === this.#listing(folder),
    );
  }

  #listing(folder: string): string {
    const path = join(this.project, folder);
    if (!followIfThere(path)?.isDirectory) return "";
    return digestValue([...Deno.readDirSync(path)].map(({ name }) => name).sort());
  }

  /** Asks Deno about modules and all they reach. */
  async learn(ids: string[]): Promise<void> {
    this.#current.clear();
    const { modules, packages } = await readModuleGraph(this.project, ids.filter(isScript));
    const others = ids.filter((id) => !isScript(id));
    const found = others.map((id) => ({ id, path: join(this.project, id), edges: [] }));
    for (const module of [...modules, ...found]) {
      const known = this.knowledge.modules;
      const facts = known[module.id] = await readFacts(this.project, module, known[module.id]);
      for (const folder of new Set(facts.choices.map((choice) => dirname(choice)))) {
        this.knowledge.folders[folder] = this.#listing(folder);
      }
    }
    const lock = readLock(this.project);
    for (const id of new Set(modules.flatMap(({ edges }) => edges.map(({ id }) => id)))) {
      if (!id?.startsWith("npm:")) continue;
      this.knowledge.packages[id] = digestPackage(id.slice(4), packages, lock);
    }
  }
}

/** Whether a file may import others. @param id its path */
export function isScript(id: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(id);
}

/** What pins the packages of a project; nothing if it has no lock file. */
export function readLock(project: string): LockFile {
  return JSON.parse(readIfThere(`${project}/deno.lock`) ?? "{}");
}

function remember<K, V>(known: Map<K, V>, key: K, find: () => V): V {
  const value = known.get(key) ?? find();
  known.set(key, value);
  return value;
}
