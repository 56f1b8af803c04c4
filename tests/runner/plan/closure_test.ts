import assert from "node:assert/strict";
import { type CodeEntry, readClosures } from "../../../runner/plan/closure.ts";
import { sealed, unsealed } from "../../../runner/store/sealed.ts";
import { Store } from "../../../runner/store/store.ts";
import { testFolder } from "../../helpers/folder.ts";

/** A small project whose stage reaches modules in every way there is. */
const PROJECT = {
  "deno.json": '{ "imports": { "@/": "./lib/" } }',
  "stages/make.ts": `
    import { b } from "../lib/b.ts";
    import type { OnlyType } from "../lib/only_type.ts";
    import table from "../lib/table.json" with { type: "json" };
    import { mapped } from "@/mapped.ts";
    import { readFileSync } from "node:fs";
    export * from "../lib/forwarded.ts";
    const lazy = await import("../lib/lazy.ts");
    const worker = new URL("../lib/worker.ts", import.meta.url);
    export const load = (name: string) => import(\`../models/\${name}.ts\`);
  `,
  "stages/other.ts": 'import { b } from "../lib/b.ts";',
  "lib/b.ts": 'export * from "./c.ts"; export const b = 1;',
  "lib/c.ts": "export const c = 1;",
  "lib/only_type.ts": "export type OnlyType = 1;",
  "lib/table.json": '{ "a": 1 }',
  "lib/mapped.ts": "export const mapped = 1;",
  "lib/forwarded.ts": "export const forwarded = 1;",
  "lib/lazy.ts": "export const lazy = 1;",
  "lib/worker.ts": 'import "./in_worker.ts";',
  "lib/in_worker.ts": "self.onmessage = () => {};",
  "lib/nobody.ts": "export const nobody = 1;",
  "models/one.ts": "export const model = 1;",
  "models/two.ts": "export const model = 2;",
};

const MAKE: CodeEntry = { file: "stages/make.ts", modules: ["models/one.ts"] };

/** The project, its store, and how to read the code of stages. */
function project() {
  const temp = testFolder(PROJECT);
  const store = Store.open(`${temp.path}/.store`);
  const read = (...entries: CodeEntry[]) => readClosures(temp.path, entries, store);
  return { ...temp, store, read };
}

Deno.test("the code of a stage is what it reaches, types and unchosen models left out", async () => {
  using dir = project();
  const [code] = await dir.read(MAKE);
  assert.deepEqual(Object.keys(code), [
    "lib/b.ts",
    "lib/c.ts",
    "lib/forwarded.ts",
    "lib/in_worker.ts",
    "lib/lazy.ts",
    "lib/mapped.ts",
    "lib/table.json",
    "lib/worker.ts",
    "models/one.ts",
    "stages/make.ts",
  ]);
});

Deno.test("without a choice, every module that could be loaded by name counts", async () => {
  using dir = project();
  dir.write({
    "stages/by_name.ts": "export const load = (name: string) => import(`./parts/${name}.ts`);",
    "stages/parts/one.ts": "",
    "stages/parts/two.ts": "",
  });
  const parts = async (...modules: string[]) => {
    const [code] = await dir.read({ file: "stages/by_name.ts", modules });
    return Object.keys(code).filter((id) => id.startsWith("stages/parts/"));
  };
  assert.deepEqual(await parts(), ["stages/parts/one.ts", "stages/parts/two.ts"]);
  assert.deepEqual(await parts("stages/parts/two.ts"), ["stages/parts/two.ts"]);
  dir.write({ "stages/parts/three.ts": "" });
  assert.deepEqual(await parts("stages/parts/two.ts"), ["stages/parts/two.ts"]);
  assert.deepEqual(await parts(), [
    "stages/parts/one.ts",
    "stages/parts/three.ts",
    "stages/parts/two.ts",
  ]);
});

/** Edits, and the modules whose digest they change in the code of the stage. */
const EDITS: Record<string, { files: Record<string, string>; changes: string[] }> = {
  "a comment": { files: { "lib/c.ts": "/** See. */ export const c = 1;" }, changes: [] },
  "a type": { files: { "lib/c.ts": "export const c: number = 1;" }, changes: [] },
  "a type-only import": {
    files: { "lib/only_type.ts": "export type OnlyType = 2;" },
    changes: [],
  },
  "a model that was not chosen": {
    files: { "models/two.ts": "export const model = 22;" },
    changes: [],
  },
  "a module nobody imports": { files: { "lib/nobody.ts": "export default 2;" }, changes: [] },
  "a re-exported module": { files: { "lib/c.ts": "export const c = 2;" }, changes: ["lib/c.ts"] },
  "a forwarded module": {
    files: { "lib/forwarded.ts": "export const forwarded = 2;" },
    changes: ["lib/forwarded.ts"],
  },
  "imported JSON": { files: { "lib/table.json": '{ "a": 2 }' }, changes: ["lib/table.json"] },
  "the layout of imported JSON": { files: { "lib/table.json": '{"a":1}' }, changes: [] },
  "a module imported later": {
    files: { "lib/lazy.ts": "export const lazy = 2;" },
    changes: ["lib/lazy.ts"],
  },
  "a module of the import map": {
    files: { "lib/mapped.ts": "export const mapped = 2;" },
    changes: ["lib/mapped.ts"],
  },
  "a worker's module": {
    files: { "lib/in_worker.ts": "self.onmessage = null;" },
    changes: ["lib/in_worker.ts"],
  },
  "the chosen model": {
    files: { "models/one.ts": "export const model = 11;" },
    changes: ["models/one.ts"],
  },
  "a new import": {
    files: { "lib/c.ts": 'import "./nobody.ts"; export const c = 1;' },
    changes: ["lib/c.ts", "lib/nobody.ts"],
  },
  "an import that is gone": {
    files: { "lib/worker.ts": "" },
    changes: ["lib/in_worker.ts", "lib/worker.ts"],
  },
  "the import map": {
    files: { "deno.json": '{ "imports": { "@/": "./models/" } }', "models/mapped.ts": "" },
    changes: ["lib/mapped.ts", "models/mapped.ts"],
  },
};

for (const [what, { files, changes }] of Object.entries(EDITS)) {
  Deno.test(`editing ${what} changes ${changes.join(", ") || "nothing"}`, async () => {
    using dir = project();
    const [before] = await dir.read(MAKE);
    dir.write(files);
    const [after] = await dir.read(MAKE);
    const ids = new Set([...Object.keys(before), ...Object.keys(after)]);
    const changed = [...ids].filter((id) => before[id] !== after[id]).sort();
    assert.deepEqual(changed, changes);

    // And back: what was there before is what is there again.
    dir.write(PROJECT);
    assert.deepEqual(await dir.read(MAKE), [before]);
  });
}

Deno.test("each stage has its own code", async () => {
  using dir = project();
  const [make, other] = await dir.read(MAKE, { file: "stages/other.ts", modules: [] });
  assert.deepEqual(Object.keys(other), ["lib/b.ts", "lib/c.ts", "stages/other.ts"]);
  assert.equal(other["lib/b.ts"], make["lib/b.ts"]);
});

Deno.test("a module that is not there counts as missing until it is", async () => {
  using dir = project();
  dir.write({ "stages/other.ts": 'import("./late.ts").catch(() => {});' });
  const entry = { file: "stages/other.ts", modules: [] };
  const [before] = await dir.read(entry);
  assert.equal(before["stages/late.ts"], "missing");
  dir.write({ "stages/late.ts": "export const late = 1;" });
  const [after] = await dir.read(entry);
  assert.equal(after["stages/late.ts"].length, 64);
});

Deno.test("a linked module, a data URL and a file that is no text count by their content", async () => {
  using dir = project();
  dir.write({
    "stages/other.ts": `
      import "./linked.ts";
      import "data:application/javascript,export default 1";
      new URL("./weights.bin", import.meta.url);
      new URL("../lib/", import.meta.url);
    `,
    "stages/weights.bin": new Uint8Array([0xff, 0xfe, 1]),
  });
  Deno.symlinkSync("../lib/c.ts", `${dir.path}/stages/linked.ts`);
  const read = async () => (await dir.read({ file: "stages/other.ts", modules: [] }))[0];
  const before = await read();
  assert.deepEqual(Object.keys(before), [
    "data:application/javascript,export default 1",
    "stages/linked.ts",
    "stages/other.ts",
    "stages/weights.bin",
  ]);
  dir.write({ "lib/c.ts": "export const c = 2;", "stages/weights.bin": new Uint8Array([0xff, 2]) });
  const after = await read();
  const changed = Object.keys(after).filter((id) => after[id] !== before[id]);
  assert.deepEqual(changed, ["stages/linked.ts", "stages/weights.bin"]);
});

Deno.test("what has not changed is not asked for again", async () => {
  using dir = project();
  await dir.read(MAKE);
  // A lie in the cache is believed, so nothing was read to notice it.
  const [{ name }] = [...Deno.readDirSync(`${dir.store.folder}/cache/code`)];
  const cache = `${dir.store.folder}/cache/code/${name}`;
  const knowledge = JSON.parse(unsealed(Deno.readTextFileSync(cache)) ?? "");
  knowledge.modules["lib/c.ts"].digest = "a lie";
  Deno.writeTextFileSync(cache, sealed(JSON.stringify(knowledge)));
  const [code] = await dir.read(MAKE);
  assert.equal(code["lib/c.ts"], "a lie");
});

Deno.test("a broken or missing cache is no cache", async () => {
  using dir = project();
  const [before] = await dir.read(MAKE);
  const [{ name }] = [...Deno.readDirSync(`${dir.store.folder}/cache/code`)];
  Deno.writeTextFileSync(`${dir.store.folder}/cache/code/${name}`, '{"config":');
  assert.deepEqual(await dir.read(MAKE), [before]);
});

Deno.test("a stage of this project reaches its contract and the locked packages", async () => {
  using temp = testFolder();
  using store = Store.open(temp.path);
  const project = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");
  const [code] = await readClosures(
    project,
    [{ file: "tests/runner/plan/example_stage.ts", modules: [] }],
    store,
  );
  const names = Object.keys(code).map((id) => id.replace(/^(npm:\w+)@.*/, "$1"));
  assert.deepEqual(names, ["npm:zod", "runner/stage.ts", "tests/runner/plan/example_stage.ts"]);
});
