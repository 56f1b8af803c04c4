import assert from "node:assert/strict";
import fc from "fast-check";
import { createProgram } from "../../runner/command_line.ts";
import { quickArguments, VARIABLES } from "../../runner/quick_arguments.ts";

const nothing = () => undefined;

/** What the parser makes of arguments of `run`. */
async function parsed(args: string[]): Promise<{ file: unknown; options: unknown }> {
  const program = createProgram(() => {}, () => assert.fail("nothing is run"));
  let found: { file: unknown; options: unknown } | undefined;
  const run = program.commands.find((command) => command.name() === "run");
  run?.action((file: unknown, options: Record<string, unknown>) => {
    found = { file, options: { ...options } };
  });
  await program.parseAsync(args, { from: "user" });
  assert.ok(found);
  return found;
}

Deno.test("what is read quickly is what the parser reads", async () => {
  using _ = withoutVariables();
  const flags = ["-q", "--quiet", "-k", "--keep-going", "--json", "--verify"];
  const words = fc.tuple(fc.subarray(flags), fc.subarray(flags)).map(([before, after]) => [
    "run",
    ...before,
    "pipelines/a.yaml",
    ...after,
  ]);
  await fc.assert(fc.asyncProperty(words, async (args) => {
    const quick = quickArguments(args, nothing);
    assert.ok(quick);
    assert.deepEqual({ ...quick }, await parsed(args));
  }));
});

/** The parser looks at variables, which other tests of this process may have set. */
function withoutVariables(): Disposable {
  const before = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of VARIABLES) Deno.env.delete(name);
  return {
    [Symbol.dispose]: () => {
      for (const [name, value] of before) if (value !== undefined) Deno.env.set(name, value);
    },
  };
}

for (
  const args of [
    [],
    ["run"],
    ["run", ""],
    ["run", "a.yaml", "b.yaml"],
    ["run", "--help"],
    ["run", "a.yaml", "--help"],
    ["run", "a.yaml", "-h"],
    ["run", "a.yaml", "-qk"],
    ["run", "a.yaml", "--quite"],
    ["run", "a.yaml", "--set", "scale=4"],
    ["run", "a.yaml", "--jobs=2"],
    ["run", "--", "a.yaml"],
    ["plan", "a.yaml"],
    ["runs"],
    ["a.yaml"],
  ]
) {
  Deno.test(`"${args.join(" ")}" is for the parser`, () => {
    assert.equal(quickArguments(args, nothing), undefined);
  });
}

Deno.test("a variable that stands for an option is for the parser, an empty one is none", () => {
  const args = ["run", "a.yaml"];
  for (const name of VARIABLES) {
    assert.equal(quickArguments(args, (one) => one === name ? "x" : undefined), undefined);
    assert.ok(quickArguments(args, (one) => one === name ? "" : undefined));
  }
});
