import assert from "node:assert/strict";
import { readModuleText } from "../../../runner/plan/module_text.ts";

const digest = (text: string, name = "a.ts") => readModuleText(name, text).digest;

/** Pairs of texts that do the same. */
const SAME: Record<string, [string, string]> = {
  "a comment": ["export const a = 1;", "/** One. */\nexport const a = 1; // one"],
  "a type": ["export const a: number = 1;", "export const a: 1 | 2 = 1;"],
  "an interface": ["const a = 1;", "interface A { x: number }\nconst a = 1;"],
  "a type import": [
    'import { b } from "./b.ts";\nb();',
    'import { b, type C } from "./b.ts";\nimport type { D } from "./d.ts";\nb();',
  ],
  "layout": [
    "if (a) { b(1, [2], { c }); }",
    "if (a) {\n  b(\n    1,\n    [2,],\n    { c, },\n  );\n}",
  ],
  "the kind of quotes": ["const a = 'b';", 'const a = "b";'],
  "a type inside an enum's module": ["enum A { x }\nlet a: A;", "enum A { x } // x\nlet a;"],
};

for (const [what, [one, other]] of Object.entries(SAME)) {
  Deno.test(`readModuleText() does not count ${what}`, () => {
    assert.equal(digest(one), digest(other));
  });
}

/** Pairs of texts that do not do the same. */
const DIFFERENT: Record<string, [string, string]> = {
  "a number": ["const a = 1;", "const a = 2;"],
  "the content of a string": ['const a = "b c";', 'const a = "b  c";'],
  "the content of a template": ["const a = `b c`;", "const a = `b\nc`;"],
  "what looks like a comment in a string": ['const a = "/* b */";', 'const a = "/* c */";'],
  "what looks like a comment in a regular expression": ["a(/[/*]b/g);", "a(/[/*]c/g);"],
  "the line end after return": ["() => { return\n1; }", "() => { return 1; }"],
  "a comment over two lines after return": ["() => { return /*\n*/ 1; }", "() => { return 1; }"],
  "the line end before ++": ["a\n++\nb", "a ++\nb"],
  "a hole in a list": ["const a = [1,,];", "const a = [1,];"],
  "a hole alone": ["const a = [,];", "const a = [];"],
  "a value of an enum": ["enum A { x = 1 }", "enum A { x = 2 }"],
  "an import for its effects": ['import "./b.ts";', ""],
};

for (const [what, [one, other]] of Object.entries(DIFFERENT)) {
  Deno.test(`readModuleText() counts ${what}`, () => {
    assert.notEqual(digest(one), digest(other));
  });
}

Deno.test("readModuleText() takes JSON by its values", () => {
  assert.equal(digest('{"a":1,"b":2}', "a.json"), digest('{ "b": 2,\n  "a": 1 }', "a.json"));
  assert.notEqual(digest('{"a":1}', "a.json"), digest('{"a":2}', "a.json"));
});

Deno.test("readModuleText() takes what it cannot parse as it is", () => {
  for (const name of ["a.ts", "a.json", "a.txt", "a.tsx"]) {
    assert.notEqual(digest("const = // b", name), digest("const = // c", name), name);
  }
});

Deno.test("readModuleText() finds the files that a module names beside itself", () => {
  const text = `
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    const table = new URL('../data/table.bin', import.meta.url,);
    const kernel: string = import.meta.resolve("./kernel.wasm");
    const home = new URL("https://example.org/", import.meta.url);
    const any = new URL(\`./\${name}.ts\`, import.meta.url);
    // new URL("./comment.ts", import.meta.url)
  `;
  assert.deepEqual(readModuleText("a.ts", text).assets, [
    "./worker.ts",
    "../data/table.bin",
    "./comment.ts",
    "./kernel.wasm",
  ]);
});
