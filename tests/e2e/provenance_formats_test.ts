/**
 * `--format ro-crate` and `--format prov`, seen from outside: what other programs would read.
 *
 * @module
 */
import assert from "node:assert/strict";
import jsonld from "jsonld";
import type { ProvDocument } from "../../runner/explain/prov.ts";
import type { Entity, RoCrate } from "../../runner/explain/ro_crate.ts";
import { digestBytes } from "../../runner/store/digest.ts";
import { type Project, project } from "../helpers/project.ts";
import { stage, STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const PIPELINE = `
params: { text: hello }
stages:
  first: { uses: say, with: { text: "\${params.text}" } }
  loud: { uses: shout, inputs: { text: first.text } }
  both: { uses: join, inputs: { texts: [first.text, loud.text] } }
`;

const SCHEMA = [
  ..."CreativeWork Dataset CreateAction PropertyValue SoftwareSourceCode SoftwareApplication".split(
    " ",
  ),
  ..."about name description identifier datePublished license hasPart mentions version".split(" "),
  ..."softwareRequirements softwareVersion programmingLanguage instrument startTime endTime".split(
    " ",
  ),
  ..."actionStatus object result propertyID value unitText error contentSize".split(" "),
];

/** Of the context of RO-Crate 1.1 the terms that we use: any other is an error here. */
const CONTEXT = {
  ...Object.fromEntries(SCHEMA.map((term) => [term, `http://schema.org/${term}`])),
  File: "http://schema.org/MediaObject",
  conformsTo: "http://purl.org/dc/terms/conformsTo",
};

/** Node → property → values, as JSON-LD means them. @throws {Error} for a term that has no meaning */
async function expand(crate: RoCrate): Promise<Map<string, Record<string, unknown[]>>> {
  const nodes: Record<string, unknown[]>[] = await jsonld.expand(crate, {
    base: "https://crate.example/",
    safe: true,
    documentLoader(url: string) {
      assert.equal(url, "https://w3id.org/ro/crate/1.1/context");
      return Promise.resolve({ documentUrl: url, document: { "@context": CONTEXT } });
    },
  });
  return new Map(nodes.map((node) => [String(node["@id"]), node]));
}

/** Whatever a node refers to must be told of, but what has its meaning elsewhere. */
function assertClosed({ "@graph": graph }: RoCrate): void {
  const ids = new Set(graph.map((entity) => entity["@id"]));
  assert.equal(ids.size, graph.length, "each entity is there once");
  const references = graph.flatMap((entity) => Object.values(entity).flatMap(idsIn));
  assert.deepEqual(references.filter((id) => !ids.has(id)), ["https://w3id.org/ro/crate/1.1"]);
}

function idsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  return typeof value === "object" && value !== null && "@id" in value
    ? [String(value["@id"])]
    : [];
}

function find(crate: RoCrate, name: string): Entity {
  const found = crate["@graph"].find((entity) => entity.name === name);
  assert.ok(found, `there is ${name}`);
  return found;
}

/** Names of what an entity refers to. */
function namesOf(crate: RoCrate, value: unknown): unknown[] {
  const byId = new Map(crate["@graph"].map((entity) => [entity["@id"], entity]));
  return idsIn(value).map((id) => byId.get(id)?.name);
}

async function say(dir: Project, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await dir.run(...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

Deno.test("a run as RO-Crate tells every stage with its code, inputs, params, results and numbers", async () => {
  await using dir = await project({
    ...STAGES,
    "stages/fail.ts": stage(`throw new StageError("no luck");`),
    [FILE]: PIPELINE + "  bad: { uses: fail }\n",
  });
  await dir.run("run", FILE);
  const crate: RoCrate = JSON.parse(await say(dir, "runs", "last", "--format", "ro-crate"));
  assertClosed(crate);
  const nodes = await expand(crate);
  const root = nodes.get("https://crate.example/");
  assert.deepEqual(root?.["http://purl.org/dc/terms/conformsTo"], [
    { "@id": "https://w3id.org/ro/wfrun/process/0.5" },
  ]);
  const metadata = nodes.get("https://crate.example/ro-crate-metadata.json");
  assert.deepEqual(metadata?.["http://schema.org/about"], [{ "@id": "https://crate.example/" }]);

  const [, dataset] = crate["@graph"];
  assert.deepEqual(namesOf(crate, dataset.mentions), [
    "first of p",
    "loud of p",
    "both of p",
    "bad",
  ]);
  assert.deepEqual(namesOf(crate, dataset.about), ["both.text"]);
  assert.equal(dataset.hasPart, undefined); // nothing but the metadata
  const loud = find(crate, "loud of p");
  assert.deepEqual(namesOf(crate, loud.instrument), ["stages/shout.ts"]);
  assert.deepEqual(namesOf(crate, loud.object), ["first.text", "mark"]);
  assert.deepEqual(namesOf(crate, loud.result), ["loud.text", "length"]);
  assert.equal(find(crate, "length").value, 6);
  assert.equal(find(crate, "text").value, "hello");
  const code = find(crate, "stages/shout.ts");
  assert.deepEqual(namesOf(crate, code.softwareRequirements), ["zod"]);
  assert.match(String(loud.startTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
  assert.ok(String(loud.startTime) <= String(loud.endTime));
  const bad = find(crate, "bad");
  assert.equal(bad.actionStatus, "http://schema.org/FailedActionStatus");
  assert.equal(bad.error, "no luck\nattempt 1: exit code 1");
});

Deno.test("--out writes the crate with the final outputs, whose files are those of the store", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE);
  const said = await say(dir, "runs", "last", "--out", dir.path("crate"));
  assert.equal(said, `Wrote 1 output and ro-crate-metadata.json to ${dir.path("crate")}\n`);
  assert.equal(dir.read("crate/outputs/both.text/text.txt"), "hello HELLO!");
  const crate: RoCrate = JSON.parse(dir.read("crate/ro-crate-metadata.json"));
  assertClosed(crate);
  const nodes = await expand(crate);
  const folder = nodes.get("https://crate.example/outputs/both.text/");
  assert.deepEqual(folder?.["@type"], ["http://schema.org/Dataset"]);
  const file = crate["@graph"].find((each) => each["@id"] === "outputs/both.text/text.txt");
  assert.equal(file?.sha256, digestBytes("hello HELLO!"));
  assert.equal(file?.contentSize, "12");
  // A copy: who edits it does not edit the store.
  Deno.writeTextFileSync(dir.path("crate/outputs/both.text/text.txt"), "other");
  assert.equal((await dir.run("cache", "verify")).code, 0);

  const again = await dir.run("runs", "last", "--out", dir.path("crate"));
  assert.equal(again.code, 2);
  assert.match(again.stderr, /^error: Cannot write to .*crate: there is something in it\n/);
  const prov = await dir.run("show", "last:both", "--format", "prov", "--out", dir.path("x"));
  assert.equal(prov.code, 2);
  assert.match(prov.stderr, /^error: --out writes the folder of an RO-Crate, and nothing else\n/);
  const none = await dir.run("runs", "--format", "prov");
  assert.equal(none.code, 2);
  assert.match(none.stderr, /^error: which run\?/);
});

Deno.test("a stored folder as RO-Crate has what led to it, and nothing else", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE);
  const crate: RoCrate = JSON.parse(await say(dir, "show", "last:loud", "--format", "ro-crate"));
  assertClosed(crate);
  await expand(crate);
  assert.deepEqual(namesOf(crate, crate["@graph"][1].mentions), ["first of p", "loud of p"]);
});

Deno.test("PROV relates folders, stages, code and machines that are all declared", async () => {
  await using dir = await project({ ...STAGES, [FILE]: PIPELINE });
  await dir.run("run", FILE);
  const prov: ProvDocument = JSON.parse(await say(dir, "runs", "last", "--format", "prov"));
  const kinds = {
    "prov:entity": prov.entity,
    "prov:collection": prov.entity,
    "prov:plan": prov.entity,
    "prov:activity": prov.activity,
    "prov:agent": prov.agent,
  };
  const relations = [prov.used, prov.wasGeneratedBy, prov.wasAssociatedWith, prov.hadMember]
    .flatMap((relation) => Object.values(relation));
  for (const relation of relations) {
    for (const [role, declared] of Object.entries(kinds)) {
      const name = relation[role];
      assert.ok(name === undefined || String(name) in declared, `${role} ${name} is declared`);
    }
  }
  const things = [prov.entity, prov.activity, prov.agent].flatMap((each) => Object.keys(each));
  const attributes = [...Object.values(prov.activity), ...Object.values(prov.entity)]
    .flatMap((each) => Object.keys(each));
  for (const name of [...things, ...attributes]) {
    const [prefix] = name.split(":");
    assert.ok(prefix === "prov" || prefix in prov.prefix, name);
  }
  const made = Object.values(prov.wasGeneratedBy).map((each) => each["prov:entity"]);
  assert.equal(new Set(made).size, 3, "each folder came to be once");
  assert.equal(made.length, 3);
  const loud = Object.entries(prov.activity).find(([, each]) => each["prov:label"] === "loud of p");
  assert.deepEqual([loud?.[1]["param:mark"], loud?.[1]["metric:length"]], ["!", 6]);
  const used = Object.values(prov.used).filter((each) => each["prov:activity"] === loud?.[0])
    .map((each) => prov.entity[String(each["prov:entity"])]["prov:label"]);
  assert.deepEqual(used, ["stages/shout.ts", "first.text"]);
});

Deno.test("a folder that two stages have made came to be once, and its stages are both told", async () => {
  await using dir = await project({
    ...STAGES,
    [FILE]: `
stages:
  a: { uses: say, with: { text: same, seed: 1 } }
  b: { uses: say, with: { text: same, seed: 2 } }
`,
  });
  await dir.run("run", FILE);
  const prov: ProvDocument = JSON.parse(await say(dir, "runs", "last", "--format", "prov"));
  assert.deepEqual([
    Object.keys(prov.activity).length,
    Object.keys(prov.wasGeneratedBy).length,
    Object.keys(prov.hadMember).length,
  ], [2, 1, 1]);
  const crate: RoCrate = JSON.parse(
    await say(dir, "runs", "last", "--out", dir.path("crate")).then(
      () => dir.read("crate/ro-crate-metadata.json"),
    ),
  );
  assertClosed(crate);
  await expand(crate);
});
