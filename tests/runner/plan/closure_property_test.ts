/**
 * Random modules that import one another in every way, and random edits: the code of exactly those
 * stages changes that reach an edited module.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readClosures } from "../../../runner/plan/closure.ts";
import { Store } from "../../../runner/store/store.ts";
import { type TestFolder, testFolder } from "../../helpers/folder.ts";

/** Ways to use another module; the last two count for nothing, the others all the same. */
const WAYS = ["static", "named", "re-export", "dynamic", "worker", "type", "comment"] as const;

type Way = typeof WAYS[number];

interface Module {
  /** Numbers of modules, also of itself and of earlier ones: circles are allowed. */
  uses: { way: Way; of: number }[];
  /** Whether it reads the table of its number, a JSON file. */
  table: boolean;
  /** What it computes. */
  value: number;
  /** What its table holds. */
  entry: number;
  /** What its comments say. */
  prose: number;
}

/** As many modules; the first of them are stages. */
const SIZE = 9;
const STAGES = 3;

const module = fc.record({
  uses: fc.array(
    fc.record({ way: fc.constantFrom(...WAYS), of: fc.nat(SIZE - 1) }),
    { maxLength: 3 },
  ),
  table: fc.boolean(),
  value: fc.nat(1),
  entry: fc.nat(1),
  prose: fc.nat(1),
});

const project = fc.array(module, { minLength: SIZE, maxLength: SIZE });

const edits = fc.array(
  fc.record({
    at: fc.nat(SIZE - 1),
    what: fc.constantFrom("value", "entry", "prose", "all"),
    module,
  }),
  { minLength: 1, maxLength: 2 },
);

const file = (i: number) => i < STAGES ? `stages/${i}.ts` : `lib/deep/${i}.ts`;

/** From where a module lies to another. */
function path(from: number, to: number): string {
  return from < STAGES ? `../${file(to)}` : `../../${file(to)}`;
}

const TEXT: Record<Way, (path: string, n: number) => string> = {
  static: (path) => `import "${path}";`,
  named: (path, n) => `import { value as v${n} } from "${path}"; console.log(v${n});`,
  "re-export": (path, n) => `export * as r${n} from "${path}";`,
  dynamic: (path, n) => `export const later${n} = () => import("${path}");`,
  worker: (path, n) => `export const url${n} = new URL("${path}", import.meta.url);`,
  type: (path, n) => `import type { Kind as K${n} } from "${path}"; export type L${n} = K${n};`,
  comment: (path) => `// import "${path}";`,
};

function text({ uses, table, value, prose }: Module, i: number): string {
  return [
    `/** Says ${prose}. */`,
    ...uses.map(({ way, of }, n) => TEXT[way](path(i, of), n)),
    ...(table ? [`import t from "${path(i, i)}.json" with { type: "json" }; console.log(t);`] : []),
    `export type Kind = ${value};`,
    `export const value = ${value};`,
  ].join("\n");
}

function write(dir: TestFolder, modules: Module[]): void {
  dir.write(Object.fromEntries(modules.flatMap((module, i) => [
    [file(i), text(module, i)],
    [`${file(i)}.json`, `{ "entry": ${module.entry} }`],
  ])));
}

/** All that a stage's code says, as text: equal if and only if its code is. */
function sight(modules: Module[], stage: number): string {
  const seen = new Map<number, unknown>();
  const open = [stage];
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    if (seen.has(i)) continue;
    const { uses, table, value, entry } = modules[i];
    const used = uses.filter(({ way }) => way !== "type" && way !== "comment");
    // With its place among all, since names are made from it.
    const said = used.map((use) => [use, uses.indexOf(use)]);
    seen.set(i, [said, table ? entry : null, value]);
    open.push(...used.map(({ of }) => of));
  }
  return JSON.stringify([...seen].sort(([a], [b]) => a - b));
}

Deno.test("after random edits of random modules the code of exactly those stages changes", async () => {
  await fc.assert(
    fc.asyncProperty(
      project,
      fc.array(edits, { minLength: 1, maxLength: 4 }),
      async (start, history) => {
        using dir = testFolder({ "deno.json": "{}" });
        using store = Store.open(`${dir.path}/.store`);
        const stages = Array.from({ length: STAGES }, (_, i) => i);
        const read = async () => {
          const entries = stages.map((i) => ({ file: file(i), modules: [] }));
          return (await readClosures(dir.path, entries, store)).map((code) => JSON.stringify(code));
        };
        let modules = start;
        write(dir, modules);
        const known = new Map<string, string>();
        for (const changes of [[], ...history]) {
          modules = [...modules];
          for (const { at, what, module } of changes) {
            modules[at] = what === "all" ? module : { ...modules[at], [what]: module[what] };
          }
          write(dir, modules);
          const codes = await read();
          // Two states have the same code if and only if they say the same.
          for (const i of stages) {
            const seen = `${i} ${sight(modules, i)}`;
            assert.equal(known.get(seen) ?? codes[i], codes[i]);
            for (const [other, code] of known) {
              if (other.startsWith(`${i} `) && other !== seen) {
                assert.notEqual(
                  code,
                  codes[i],
                  seen,
                );
              }
            }
            known.set(seen, codes[i]);
          }
        }
      },
    ),
    { numRuns: Number(Deno.env.get("FC_RUNS") ?? 10) },
  );
});
