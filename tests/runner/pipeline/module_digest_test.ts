/**
 * Digests of modules with all they import.
 *
 * @module
 */
import assert from "node:assert/strict";
import { digestModule } from "../../../runner/pipeline/module_digest.ts";
import { project } from "./project.ts";

const FILES = {
  "models/a.ts": 'import { b } from "./b.ts";\nexport * from "../ml/c.ts";\n',
  "models/b.ts": 'const a = await import("./a.ts");\n',
  "ml/c.ts": "export const c = 1;\n",
  "ml/d.ts": "export const d = 1;\n",
};

Deno.test("a module's digest changes with what it imports, and with nothing else", async () => {
  await using dir = await project(FILES);
  const digest = () => digestModule(`${dir.root}/models/a.ts`);
  const before = digest();
  await Deno.writeTextFile(`${dir.root}/ml/d.ts`, "export const d = 2;\n");
  assert.equal(digest(), before);
  await Deno.writeTextFile(`${dir.root}/ml/c.ts`, "export const c = 2;\n");
  assert.notEqual(digest(), before);
});

Deno.test("a module's digest does not depend on where the project lies", async () => {
  await using one = await project(FILES);
  await using two = await project(FILES);
  assert.equal(digestModule(`${one.root}/models/a.ts`), digestModule(`${two.root}/models/a.ts`));
});
