import assert from "node:assert/strict";
import fc from "fast-check";
import type { StageInstance } from "../../../runner/pipeline/instance.ts";
import { type PlanContext, planInstance } from "../../../runner/plan/plan.ts";
import { Store } from "../../../runner/store/store.ts";
import { testFolder } from "../../helpers/folder.ts";
import { instance, pipeline } from "./instances.ts";
import { runTiny } from "./run_tiny.ts";

/** A stage of a random graph, as the model sees it. */
interface Node {
  /** Earlier stages it reads. */
  from: number[];
  /** Its parameter. */
  n: number;
  /** Version of its code. */
  code: number;
  /** Its result depends on its inputs only through their sum modulo this: 1 forgets them. */
  forgets: number;
}

const graph = fc.array(
  fc.record({
    from: fc.array(fc.nat(100), { maxLength: 3 }),
    n: fc.nat(2),
    code: fc.nat(1),
    forgets: fc.constantFrom(1, 2, 1000),
  }),
  { minLength: 1, maxLength: 8 },
).map((nodes): Node[] =>
  nodes.map((node, i) => ({
    ...node,
    from: [...new Set(node.from.map((x) => x % (i || 1)))].filter((x) => x < i),
  }))
);

const edits = fc.array(
  fc.record({ at: fc.nat(100), n: fc.nat(2), code: fc.nat(1) }),
  { minLength: 1, maxLength: 4 },
);

/** What each stage makes: a number, from its own choices and its inputs' numbers. */
function results(nodes: Node[]): number[] {
  const made: number[] = [];
  nodes.forEach(({ from, n, code, forgets }, i) => {
    const sum = from.reduce((sum, j) => sum + made[j], 0) % forgets;
    made.push((i + 1) * 10_000 + n + 3 * code + 7 * sum);
  });
  return made;
}

/** All that a stage sees, so all that may make it run. */
function seen(nodes: Node[]): string[] {
  const made = results(nodes);
  return nodes.map(({ from, n, code }, i) =>
    JSON.stringify([i, n, code, from.map((j) => made[j])])
  );
}

function stages(nodes: Node[]): StageInstance[] {
  return nodes.map(({ from, n }, i) =>
    instance({
      id: String(i),
      params: { i, n },
      inputs: { all: from.map((j) => ({ id: String(j), output: "made" })) },
    })
  );
}

Deno.test("after random edits exactly those stages run that see something new", async () => {
  await fc.assert(
    fc.asyncProperty(graph, fc.array(edits, { maxLength: 4 }), async (start, history) => {
      using temp = testFolder();
      using store = Store.open(temp.path);
      let nodes = start;
      const stored = new Set<string>();
      for (const changes of [[], ...history]) {
        nodes = nodes.map((node) => ({ ...node }));
        for (const { at, n, code } of changes) Object.assign(nodes[at % nodes.length], { n, code });
        const expected = seen(nodes).map((sight) => !stored.has(sight));
        const made = results(nodes);
        const tiny = pipeline(stages(nodes));
        const context: PlanContext = {
          store,
          pipeline: tiny.name,
          runtime: { backend: "wasm", version: "1" },
          code: new Map(nodes.map(({ code }, i) => [String(i), { "stages/make.ts": `${code}` }])),
          history: store.remembered(tiny.name),
          digestPath: (path) => path,
        };
        const done = await runTiny(tiny, context, ({ id }) => String(made[Number(id)]));
        assert.deepEqual(done.map(({ status }) => status === "would-run"), expected);
        seen(nodes).forEach((sight) => stored.add(sight));
        // And nothing runs a second time.
        const again = await runTiny(tiny, context);
        assert(again.every(({ status }) => status === "hit"));
        assert.equal(planInstance(tiny.stages[0], new Map(), context).status, "hit");
      }
    }),
    { numRuns: 25 },
  );
});
