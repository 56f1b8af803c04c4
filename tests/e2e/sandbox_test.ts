/**
 * A stage that touches what it did not declare fails, and is told what to declare.
 *
 * @module
 */
import assert from "node:assert/strict";
import { project } from "../helpers/project.ts";
import { stage } from "./stages.ts";

/** Runs one stage with this body; gives the lines of the error. */
async function errorOf(
  body: string,
  { contract = "", files = {}, params = "{}" }: {
    contract?: string;
    files?: Record<string, string>;
    params?: string;
  } = {},
): Promise<string> {
  await using dir = await project({
    "stages/naughty.ts": stage(body, contract),
    "pipelines/p.yaml": `stages: { it: { uses: naughty, with: ${params} } }\n`,
    ...files,
  });
  const { code, stderr } = await dir.run("run", "pipelines/p.yaml", "--quiet");
  assert.equal(code, 1, stderr);
  return stderr.replaceAll(dir.folder, "<project>").replace(
    / {2}(whole log|this stage alone): .*\n/g,
    "",
  );
}

Deno.test("an undeclared read names the file and how to declare it", async () => {
  const error = await errorOf(`await Deno.readTextFile("notes.txt"); await done();`, {
    files: { "notes.txt": "secret" },
  });
  assert.equal(
    error,
    `
error: stage "it" reads notes.txt, which it does not declare
  what another stage makes: add an input and connect it under "inputs:"
  a file or folder of yours: give its path in a parameter of type externalPath()
  a table of the program: import it with { type: "json" }
`.trimStart(),
  );
});

Deno.test("an undeclared read through node:fs, or wrapped in another error, is told as well", async () => {
  const read = `const { readFileSync } = await import("node:fs");
    try { readFileSync("/etc/hostname"); } catch (cause) { throw new Error("no name", { cause }); }`;
  assert.match(await errorOf(read), /^error: stage "it" reads \/etc\/hostname, which it does not/);
});

Deno.test("a module that only a computed name leads to cannot be loaded", async () => {
  const error = await errorOf(
    `const name = "secret"; await import(["..", "lib", name + ".ts"].join("/"));`,
    {
      files: { "lib/secret.ts": "export default 1;\n" },
    },
  );
  assert.match(
    error,
    /^error: stage "it" loads <project>\/lib\/secret\.ts, which its imports do not/,
  );
  assert.match(error, /moduleIn/);
});

Deno.test("an undeclared write is refused", async () => {
  assert.match(
    await errorOf(`await Deno.writeTextFile("results.txt", "x");`),
    /^error: stage "it" writes results\.txt, outside its outputs\n {2}results go to context\.outputs/,
  );
});

Deno.test("only declared hosts can be talked to", async () => {
  const fetchLocal = `await fetch("http://localhost:45678/x");`;
  assert.match(
    await errorOf(fetchLocal),
    /^error: stage "it" talks to localhost:45678, which it does not declare\n.*net: \(\) =>/,
  );
  assert.match(
    await errorOf(fetchLocal, { contract: `net: () => ["localhost:45679"],` }),
    /^error: stage "it" talks to localhost:45678, which it does not declare/,
  );
});

Deno.test("a declared host can be talked to", async () => {
  await using server = Deno.serve({ port: 0, onListen() {} }, () => new Response("hello"));
  await using dir = await project({
    "stages/get.ts": stage(
      `await done(await (await fetch("http://localhost:" + context.params.port)).text());`,
      "net: (params) => [`localhost:${params.port}`],",
    ),
    "pipelines/p.yaml": `stages: { it: { uses: get, with: { port: ${server.addr.port} } } }\n`,
  });
  assert.deepEqual(await dir.statuses("pipelines/p.yaml"), { it: "ran" });
});

Deno.test("programs and undeclared native code are refused", async () => {
  assert.match(
    await errorOf(`await new Deno.Command("ls").output();`),
    /^error: stage "it" starts the program ls; stages may not start programs/,
  );
  assert.match(
    await errorOf(`Deno.dlopen("/usr/lib/libx.so", {});`),
    /^error: stage "it" uses native code \(\/usr\/lib\/libx\.so\)/,
  );
});

Deno.test("the environment is bare", async () => {
  await using dir = await project({
    "stages/env.ts": stage(
      `context.report.metric("secret", Deno.env.has("MY_SECRET") ? 1 : 0);
       context.report.metric("path", Deno.env.has("PATH") ? 1 : 0);
       await done();`,
    ),
    "pipelines/p.yaml": "stages: { it: { uses: env } }\n",
  });
  const { stdout } = await dir.runWith({ MY_SECRET: "x" }, "run", "pipelines/p.yaml", "--json");
  assert.deepEqual(JSON.parse(stdout).metrics, { it: { secret: 0, path: 1 } });
});

const COPY = `
import { z } from "zod";
import { artifact, defineStage, externalPath } from "../runner/stage.ts";

export default defineStage({
  summary: "Copies a text",
  params: z.strictObject({ source: externalPath() }),
  inputs: {},
  outputs: { out: artifact("text") },
  async run({ params, outputs }) {
    await Deno.copyFile(params.source + "/a.txt", outputs.out + "/a.txt");
  },
});
`;

Deno.test("a declared folder can be read, and its content counts", async () => {
  await using dir = await project({
    "stages/copy.ts": COPY,
    "data/a.txt": "one",
    "pipelines/p.yaml": "stages: { it: { uses: copy, with: { source: ./data } } }\n",
  });
  assert.deepEqual(await dir.statuses("pipelines/p.yaml"), { it: "ran" });
  assert.deepEqual(await dir.statuses("pipelines/p.yaml"), { it: "hit" });
  dir.write({ "data/a.txt": "other" });
  assert.deepEqual(await dir.statuses("pipelines/p.yaml"), { it: "ran" });
});

Deno.test("a declared folder that is a link itself can be read", async () => {
  await using dir = await project({
    "stages/copy.ts": COPY,
    "real/a.txt": "one",
    "pipelines/p.yaml": "stages: { it: { uses: copy, with: { source: ./data } } }\n",
  });
  Deno.symlinkSync("real", dir.path("data"));
  assert.deepEqual(await dir.statuses("pipelines/p.yaml"), { it: "ran" });
});

Deno.test("a declared folder with a link that leads out of it is refused", async () => {
  await using dir = await project({
    "stages/copy.ts": COPY,
    "secret.txt": "secret",
    "data/b.txt": "one",
    "pipelines/p.yaml": "stages: { it: { uses: copy, with: { source: ./data } } }\n",
  });
  Deno.symlinkSync("../secret.txt", dir.path("data/a.txt"));
  const { code, stderr } = await dir.run("run", "pipelines/p.yaml");
  assert.notEqual(code, 0);
  assert.match(stderr, /data\/a\.txt/);
  assert.match(stderr, /secret\.txt/);
});
