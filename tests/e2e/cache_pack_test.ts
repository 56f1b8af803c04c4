/**
 * `cache pack`, seen from outside.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Packing } from "../../runner/commands/cache_pack.ts";
import type { StoreListing } from "../../runner/commands/cache_ls.ts";
import { readFolder } from "../helpers/folder.ts";
import { type Project, project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/texts.yaml";

const FILES = {
  ...STAGES,
  "stages/many.ts": `
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Writes a hundred files",
  params: z.strictObject({}),
  inputs: {},
  outputs: { texts: artifact("texts") },
  async run({ outputs }) {
    for (let i = 0; i < 100; i++) await Deno.writeTextFile(outputs.texts + "/" + i, "file " + i);
  },
});
`,
  "stages/total.ts": `
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Counts the characters of files",
  params: z.strictObject({ more: z.int().default(0) }),
  inputs: { texts: artifact("texts") },
  outputs: { text: artifact("text") },
  async run({ params, inputs, outputs }) {
    let total = params.more;
    for (const { name } of Deno.readDirSync(inputs.texts)) {
      total += Deno.readTextFileSync(inputs.texts + "/" + name).length;
    }
    await Deno.writeTextFile(outputs.text + "/text.txt", String(total));
  },
});
`,
  [FILE]: `
params: { more: 0 }
stages:
  many: { uses: many }
  total: { uses: total, with: { more: "\${params.more}" }, inputs: { texts: many.texts } }
`,
};

/** A project whose pipeline has run a while ago. */
async function ran(): Promise<Project> {
  const dir = await project(FILES);
  assert.equal((await dir.run("run", FILE)).code, 0);
  await new Promise((resolve) => setTimeout(resolve, 1010)); // what was just made stays
  return dir;
}

async function pack(dir: Project, ...args: string[]): Promise<Packing> {
  const { code, stdout, stderr } = await dir.run("cache", "pack", "--json", ...args);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Objects that are files of their own. */
function countObjects(dir: Project): number {
  return Object.keys(readFolder(dir.path(".store/objects")))
    .filter((path) => !path.endsWith("/")).length;
}

Deno.test("pack puts small files into packs; runs find them, and unpack what a stage reads", async () => {
  await using dir = await ran();
  assert.equal((await pack(dir)).folders, 0); // used within the week
  const objects = countObjects(dir);
  const planned = await pack(dir, "--older-than", "0d", "--dry-run");
  assert.deepEqual([planned.removed.files, planned.after], [100, null]);
  assert.equal(countObjects(dir), objects);

  const { code, stdout, stderr } = await dir.run("cache", "pack", "--older-than", "0d");
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^100 small files of 1 folder are now in 1 pack \(.*\)\nbefore: 104 files, 100 links, .*\nafter: {2}6 files, 0 links, .*\n$/,
  );
  const listing: StoreListing = JSON.parse((await dir.run("cache", "ls", "--json")).stdout);
  assert.deepEqual([listing.packed.packs, listing.packed.files], [1, 100]);

  assert.deepEqual(await dir.statuses(FILE), { many: "hit", total: "hit" });
  assert.equal((await dir.run("plan", FILE)).code, 0);
  assert.equal((await dir.run("run", FILE, "--verify")).code, 0);
  assert.equal((await dir.run("cache", "verify")).code, 0);
  assert.equal(countObjects(dir), objects - 100); // nothing of that unpacks

  assert.deepEqual(await dir.statuses(FILE, "--set", "more=1"), { many: "hit", total: "ran" });
  assert.equal(countObjects(dir), objects + 2); // unpacked, and a new file with its list
});

Deno.test("a packed result is exported whole", async () => {
  await using dir = await ran();
  await pack(dir, "--older-than", "0d");
  const { code, stderr } = await dir.run("export", FILE, "-o", dir.path("all.tar"));
  assert.equal(code, 0, stderr);
  Deno.removeSync(dir.path(".store"), { recursive: true });
  const imported = await dir.run("import", dir.path("all.tar"));
  assert.equal(imported.code, 0, imported.stderr);
  assert.deepEqual(await dir.statuses(FILE), { many: "hit", total: "hit" });
});

Deno.test("a lost pack is named, and what was in it made again", async () => {
  await using dir = await ran();
  await pack(dir, "--older-than", "0d");
  const [{ name: tree }] = Deno.readDirSync(dir.path(".store/packs"));
  for (const { name } of Deno.readDirSync(dir.path(`.store/packs/${tree}`))) {
    if (name !== "index") Deno.removeSync(dir.path(`.store/packs/${tree}/${name}`));
  }
  const { code, stdout, stderr } = await dir.run("run", FILE);
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`! packs/${tree} is broken: pack [0-9a-f]{12} is missing;`));
  assert.match(stdout, /1 ran, 1 from cache/);
  assert.equal((await dir.run("cache", "verify")).code, 0);
});

Deno.test("a wrong age is a mistake", async () => {
  await using dir = await project(FILES);
  const { code, stderr } = await dir.run("cache", "pack", "--older-than", "long");
  assert.equal(code, 2);
  assert.match(stderr, /'long' is invalid\. Expected a time such as 30d or 12h\./);
});
