/**
 * The stages of this project, with the modules that its pipelines choose: an edited module changes the
 * code of exactly those stages that reach it. What reaches what is found out a second time here, in
 * another way than the runner's: from the text of imports instead of by Deno.
 *
 * `KEYS_ALL=1` edits every module, not a sample.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { loadPipeline } from "../../../runner/pipeline/load.ts";
import { type CodeDigests, type CodeEntry, readClosures } from "../../../runner/plan/closure.ts";
import { Store } from "../../../runner/store/store.ts";
import { copyOfProject, type ProjectCopy } from "../../helpers/project_copy.ts";

const ROOT = Deno.realPathSync(join(import.meta.dirname ?? ".", "../../.."));

/** Every so manieth module is edited. */
const STEP = Deno.env.has("KEYS_ALL") ? 1 : 16;

/** Where stages and what they may reach lie. */
const ROOMS = ["stages", "models", "ml"];

/** Each stage with each choice of modules that a shipped pipeline makes. */
async function shippedEntries(): Promise<CodeEntry[]> {
  const found = new Map<string, CodeEntry>();
  for (const { name, isFile } of Deno.readDirSync(join(ROOT, "pipelines"))) {
    if (!isFile || !name.endsWith(".yaml")) continue;
    for (const profile of ["default", "paper"]) {
      const file = join(ROOT, "pipelines", name);
      if (profile === "paper" && !/^ {2}paper:/m.test(Deno.readTextFileSync(file))) continue;
      const { stages } = await loadPipeline({ file, root: ROOT, profile });
      for (const { uses, modules } of stages) {
        const entry = { file: `stages/${uses}.ts`, modules };
        found.set(JSON.stringify(entry), entry);
      }
    }
  }
  // And those that need data of one's own.
  for (const { name } of Deno.readDirSync(join(ROOT, "stages"))) {
    const file = `stages/${name}`;
    if (![...found.values()].some((entry) => entry.file === file)) {
      found.set(file, { file, modules: [] });
    }
  }
  return [...found.values()];
}

/** What a module uses: paths in the project, and names of packages. */
interface Uses {
  paths: string[];
  packages: string[];
}

/** Reads the imports out of a module's text; types are no imports. */
function usesOf(folder: string, id: string): Uses {
  if (!/\.[jt]s$/.test(id)) return { paths: [], packages: [] };
  const text = Deno.readTextFileSync(join(folder, id))
    .replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const specifiers = [
    ...[...text.matchAll(/^(?:import|export)\s+(?!type\b)([^;"']*?\sfrom\s+)?["']([^"']+)["']/gm)]
      .filter(([, names = ""]) => !onlyTypes(names)).map((match) => match[2]),
    ...[...text.matchAll(/(?<!typeof )\bimport\(\s*["']([^"']+)["'](?:,[^)]*)?\s*\)(?!\.)/g)]
      .map((match) => match[1]),
    ...[...text.matchAll(/new URL\(\s*["'](\.[^"']+)["'],\s*import\.meta\.url\s*,?\s*\)/g)]
      .map((match) => match[1]),
  ];
  const local = specifiers.filter((specifier) => specifier.startsWith("."));
  return {
    paths: local.map((specifier) => normalize(join(dirname(id), specifier))),
    packages: specifiers.filter((specifier) =>
      /^[@a-z]/.test(specifier) && !/^node:/.test(specifier)
    )
      .map((specifier) => specifier.match(/^(@[^/]+\/)?[^/]+/)?.[0] ?? specifier),
  };
}

/** E.g. `{ type A, type B } from`. */
function onlyTypes(names: string): boolean {
  const listed = /^\{([^}]*)\}\s+from\s+$/.exec(names)?.[1];
  return listed !== undefined &&
    listed.split(",").filter((name) => name.trim() !== "").every((name) => /^\s*type\s/.test(name));
}

/** All modules and packages that an entry reaches. */
function reach(folder: string, { file, modules }: CodeEntry): Set<string> {
  const seen = new Set<string>();
  const open = [file, ...modules];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    if (id.startsWith("npm:")) continue;
    const { paths, packages } = usesOf(folder, id);
    open.push(...paths, ...packages.map((name) => `npm:${name}`));
  }
  return seen;
}

/** All files below the rooms, relative. */
function modulesOf(folder: string): string[] {
  const visit = (below: string): string[] =>
    [...Deno.readDirSync(join(folder, below))].flatMap(({ name, isDirectory }) =>
      isDirectory ? visit(`${below}/${name}`) : [`${below}/${name}`]
    );
  return ["runner/stage.ts", ...ROOMS.flatMap(visit)].filter((id) => /\.(ts|json)$/.test(id))
    .sort();
}

/** An edit that changes what a module does, but none of its imports. */
function edited(id: string, text: string): string {
  if (!id.endsWith(".json")) return `${text}\nexport const editedByTheTest = 1;\n`;
  return text.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
}

/** Indices of the entries whose code differs. */
function changes(before: CodeDigests[], after: CodeDigests[]): number[] {
  return before.flatMap((code, i) => JSON.stringify(code) === JSON.stringify(after[i]) ? [] : [i]);
}

async function withCopy(
  test: (
    copy: ProjectCopy,
    entries: CodeEntry[],
    read: () => Promise<CodeDigests[]>,
  ) => Promise<void>,
): Promise<void> {
  await using copy = await copyOfProject(ROOT);
  const entries = await shippedEntries();
  using store = Store.open(copy.path(".store"));
  await test(copy, entries, () => readClosures(copy.path("."), entries, store));
}

Deno.test("an edited module changes exactly the stages that reach it, whichever module it is", async () => {
  await withCopy(async (copy, entries, read) => {
    assert.ok(entries.length >= 20, String(entries.length));
    const reached = entries.map((entry) => reach(copy.path("."), entry));
    const before = await read();
    const counts: number[] = [];
    for (const id of modulesOf(copy.path(".")).filter((_, i) => i % STEP === 0)) {
      const text = Deno.readTextFileSync(copy.path(id));
      await copy.write(id, edited(id, text));
      const expected = reached.flatMap((ids, i) => ids.has(id) ? [i] : []);
      assert.deepEqual(
        changes(before, await read()).map((i) => entries[i]),
        expected.map((i) => entries[i]),
        id,
      );
      counts.push(expected.length);
      await copy.write(id, text);
    }
    assert.deepEqual(await read(), before);
    // The sample has modules of all stages, of some and of none or one.
    assert.ok(counts.some((n) => n > 1 && n < entries.length), counts.join());
  });
});

Deno.test("another locked content of a package changes exactly the stages that reach it", async () => {
  await withCopy(async (copy, entries, read) => {
    const reached = entries.map((entry) => reach(copy.path("."), entry));
    const before = await read();
    const lock = Deno.readTextFileSync(copy.path("deno.lock"));
    const { npm } = JSON.parse(lock);
    const nameOf = (id: string) => id.replace(/(?!^)@.*$/, "");
    const needs = (name: string): string[] =>
      Object.entries<{ dependencies?: string[]; optionalDependencies?: string[] }>(npm)
        .filter(([id]) => nameOf(id) === name)
        .flatMap(([, { dependencies = [], optionalDependencies = [] }]) =>
          [...dependencies, ...optionalDependencies].map(nameOf)
        );
    const withDependencies = (names: string[]): Set<string> => {
      const all = new Set<string>();
      const open = [...names];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (!all.has(name)) open.push(...needs(name));
        all.add(name);
      }
      return all;
    };
    const packages = reached.map((ids) =>
      withDependencies([...ids].flatMap((id) => id.startsWith("npm:") ? [id.slice(4)] : []))
    );
    // Used by every stage, by some, by one, only through others, and by the runner alone.
    for (const name of ["zod", "sharp", "fast-xml-parser", "@img/colour", "commander"]) {
      const [id] = Object.keys(npm).filter((id) => nameOf(id) === name);
      const text = lock.replace(npm[id].integrity, `sha512-${"A".repeat(86)}==`);
      assert.notEqual(text, lock);
      await copy.write("deno.lock", text);
      const expected = packages.flatMap((names, i) => names.has(name) ? [i] : []);
      assert.deepEqual(changes(before, await read()), expected, name);
    }
    await copy.write("deno.lock", lock);
    assert.deepEqual(await read(), before);
  });
});
