/**
 * Imports point one way: who may import whom.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";

/** Room → rooms it may import from (itself always). The longest matching prefix is a file's room. */
const MAY_IMPORT: Record<string, string[]> = {
  "runner": ["runner/stage.ts", "common"],
  // Starting a stage's process takes knowing what its tensor backend needs of it.
  "runner/main.ts": ["runner", "ml/tensor/runtime.ts"],
  "runner/stage.ts": [],
  "tools": ["runner", "ml/weights", "ml/tensor/runtime.ts"],
  "stages": ["runner/stage.ts", "models", "ml"],
  "models": ["ml/nn", "ml/tensor"],
  "ml/predict": [
    "ml/report",
    "ml/evaluation",
    "ml/train",
    "ml/tasks",
    "ml/data",
    "ml/metrics",
    "ml/weights",
    "ml/nn",
    "ml/tensor",
    "ml/image",
  ],
  "ml/cost": ["ml/nn", "ml/tensor", "ml/image/input_error.ts"],
  "ml/report": ["ml/evaluation", "ml/train", "ml/image", "common"],
  "ml/evaluation": [
    "ml/train",
    "ml/tasks",
    "ml/data",
    "ml/metrics",
    "ml/nn",
    "ml/tensor",
    "ml/image/input_error.ts",
    "ml/image/matlab_resize.ts",
    "ml/image/picture.ts",
    "ml/image/plane.ts",
  ],
  "ml/train": [
    "ml/tasks",
    "ml/data",
    "ml/metrics",
    "ml/weights",
    "ml/nn",
    "ml/tensor",
    "ml/image/input_error.ts",
    "ml/image/picture.ts",
  ],
  "ml/tasks": ["ml/data", "ml/nn", "ml/tensor"],
  "ml/data": ["common", "ml/image", "ml/nn/contracts.ts", "ml/tensor"],
  "ml/metrics": [
    "ml/nn/contracts.ts",
    "ml/tensor",
    "ml/image/matlab_resize.ts",
    "ml/image/picture.ts",
    "ml/image/plane.ts",
  ],
  "ml/weights": ["ml/nn", "ml/tensor", "ml/image/input_error.ts"],
  "ml/nn": ["ml/tensor"],
  "ml/image": [],
  "ml/tensor": [],
  "common": [],
};

const ROOT = join(import.meta.dirname ?? ".", "..");

Deno.test("imports point one way", async () => {
  const violations: string[] = [];
  for (const folder of ["runner", "tools", "stages", "models", "ml", "common"]) {
    for await (const file of modulesUnder(folder)) {
      const source = await Deno.readTextFile(join(ROOT, file));
      for (const target of relativeImports(source)) {
        const imported = normalize(join(dirname(file), target));
        if (!isAllowed(file, imported)) violations.push(`${file} may not import ${imported}`);
      }
    }
  }
  assert.deepEqual(violations, []);
});

Deno.test("every kind of import is seen, and nothing in comments and texts", () => {
  const source = `
import "./a.ts";
import type { B } from './b.ts';
import {
  c,
} from "../c.ts";
export * from "./d.ts";
export { e } from "./e.ts"; // import "./no.ts";
const f = await import("./f.ts");
const g = await import(\`../g/\${name}.ts\`);
import h from "npm:h";
/* import "./no.ts"; */
const text = 'import x from "./no.ts"';
`;
  assert.deepEqual([...relativeImports(source)], [
    "./a.ts",
    "./b.ts",
    "../c.ts",
    "./d.ts",
    "./e.ts",
    "./f.ts",
    "../g/",
  ]);
});

Deno.test("the rooms are told apart by the longest name", () => {
  assert.equal(isAllowed("stages/train.ts", "runner/stage.ts"), true);
  assert.equal(isAllowed("stages/train.ts", "runner/store/store.ts"), false);
  assert.equal(isAllowed("runner/stage.ts", "runner/diagnostic.ts"), false);
  assert.equal(isAllowed("runner/plan/plan.ts", "runner/stage.ts"), true);
  assert.equal(isAllowed("runner/plan/plan.ts", "ml/tensor/runtime.ts"), false);
  assert.equal(isAllowed("runner/main.ts", "ml/tensor/runtime.ts"), true);
  assert.equal(isAllowed("ml/data/a.ts", "ml/nn/contracts.ts"), true);
  assert.equal(isAllowed("ml/data/a.ts", "ml/nn/layers.ts"), false);
  assert.equal(isAllowed("models/sr/edsr.ts", "models/backbones/vgg.ts"), true);
  assert.equal(isAllowed("stages/train.ts", "tests/helpers/folder.ts"), false);
});

function isAllowed(file: string, imported: string): boolean {
  const room = roomOf(file);
  if (room === undefined) return false;
  return room === roomOf(imported) || MAY_IMPORT[room].some((one) => isInside(imported, one));
}

function roomOf(file: string): string | undefined {
  const rooms = Object.keys(MAY_IMPORT).filter((room) => isInside(file, room));
  return rooms.sort((a, b) => b.length - a.length)[0];
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

async function* modulesUnder(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(join(ROOT, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* modulesUnder(path);
    else if (/\.(ts|js)$/.test(entry.name)) yield path;
  }
}

/** Specifiers that begin with a dot; of a template only the part before its first value. */
function* relativeImports(source: string): Generator<string> {
  const code = source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm, "");
  const statement = /^(?:import|export)\b[^'"`;]*?["'](\.[^"']*)["']/;
  const dynamic = /\bimport\(\s*(?:["'](\.[^"']*)["']|`(\.[^`$]*))/;
  for (const match of code.matchAll(new RegExp(`${statement.source}|${dynamic.source}`, "gm"))) {
    yield match[1] ?? match[2] ?? match[3];
  }
}
