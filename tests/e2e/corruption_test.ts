/**
 * Damage in the store, seen from outside: the run says what is broken, makes it again, and nothing
 * else.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Document, project } from "../helpers/project.ts";
import { STAGES } from "./stages.ts";

const FILE = "pipelines/p.yaml";

const files = {
  ...STAGES,
  [FILE]: `
stages:
  first: { uses: say, with: { text: hello } }
  loud: { uses: shout, inputs: { text: first.text } }
  both: { uses: join, inputs: { texts: [first.text, loud.text] } }
`,
};

Deno.test("damaged content, trees and records are named, and only their stages run again", async () => {
  await using dir = await project(files);
  const document = async (): Promise<{ run: Document; stderr: string }> => {
    const { code, stdout, stderr } = await dir.run("run", FILE, "--json");
    assert.equal(code, 0, stderr);
    return { run: JSON.parse(stdout), stderr };
  };
  const { run: before } = await document();
  const [first, loud, both] = before.stages;
  const at = (room: string, name: string, end = "") => `${room}/${name.slice(0, 2)}/${name}${end}`;
  const tree = JSON.parse(dir.read(`.store/${at("objects", loud.outputs.text)}`));
  const damaged: [string, string, string][] = [
    ["loud", at("objects", tree.files[0].digest), "does not have the content that its name says"],
    ["first", at("objects", first.outputs.text), "does not have the content that its name says"],
    ["both", at("actions", both.key ?? "", ".json"), "does not have the content that was written"],
  ];
  for (const [id, file, problem] of damaged) {
    const path = dir.path(`.store/${file}`);
    Deno.chmodSync(path, 0o644);
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.with(3, bytes[3] ^ 4)); // as long as before

    const { run, stderr } = await document();
    assert.deepEqual(
      stderr.split("\n").filter((line) => line.startsWith("! ")),
      [`! ${file} ${problem}; it is set aside and made again`],
    );
    const ran = run.stages.filter(({ status }) => status === "ran").map(({ id }) => id);
    assert.deepEqual(ran, [id]);
    const outputs = ({ stages }: Document) => stages.map(({ outputs }) => outputs);
    assert.deepEqual(outputs(run), outputs(before));
    assert.match(
      run.stages.find((stage) => stage.id === id)?.reason ?? "",
      /^its stored result was damaged: /,
    );
  }
});

Deno.test("a bit that flipped by itself is found by --verify and by cache verify", async () => {
  await using dir = await project(files);
  const { stages: before } = JSON.parse((await dir.run("run", FILE, "--json")).stdout) as Document;
  const tree = JSON.parse(
    dir.read(`.store/objects/${before[0].outputs.text.slice(0, 2)}/${before[0].outputs.text}`),
  );
  const { digest } = tree.files[0];
  const file = `objects/${digest.slice(0, 2)}/${digest}`;
  const rot = () => {
    const path = dir.path(`.store/${file}`);
    const { mtime } = Deno.statSync(path);
    Deno.chmodSync(path, 0o644);
    Deno.writeTextFileSync(path, "hallo");
    Deno.utimeSync(path, mtime ?? 0, mtime ?? 0);
    Deno.chmodSync(path, 0o444);
  };
  const said = `${file} does not have the content that its name says`;

  rot();
  const verified = await dir.run("run", FILE, "--verify");
  assert.equal(verified.code, 0);
  assert.ok(verified.stderr.includes(`! ${said}; it is set aside and made again`), verified.stderr);
  assert.match(verified.stdout, /1 ran, 2 from cache/);

  rot();
  const { code, stdout, stderr } = await dir.run("cache", "verify");
  assert.equal(code, 1, stdout + stderr);
  assert.ok((stdout + stderr).includes(said), stdout + stderr);
  assert.match((await dir.run("run", FILE)).stdout, /1 ran, 2 from cache/);
});
