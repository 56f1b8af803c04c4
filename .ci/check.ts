/**
 * Everything a change must pass, one step after the other. A step that fails does not keep the others
 * from running; the last line counts the tests, and every other step that failed as one test.
 *
 * @module
 */
import { checkPipelines } from "./check_pipelines.ts";
import { deno, run } from "./command.ts";
import { readTests, testCommand, type TestCount } from "./readme_tests.ts";

const count: TestCount = { passed: 0, failed: 0, ignored: 0 };

const STEPS: Record<string, () => Promise<void>> = {
  format: () => deno("fmt", "--check"),
  lint: () => deno("lint"),
  types: () => deno("check", "--quiet"),
  documentation: () => deno("task", "doc-lint"),
  tests: runTests,
  pipeline: checkPipelines,
};

/** Runs the tests by the command that the README gives. */
async function runTests(): Promise<void> {
  const command = testCommand(await Deno.readTextFile("README.md"));
  console.log(`$ ${command.join(" ")}`);
  const { code, stdout } = await run(command, { show: true });
  const counted = readTests(stdout);
  if (counted === undefined) throw new Error("the tests did not come to their summary");
  Object.assign(count, counted);
  if (code !== 0 && counted.failed === 0) throw new Error(`the tests ended with ${code}`);
}

for (const [name, step] of Object.entries(STEPS)) {
  const begun = performance.now();
  console.log(`\n== ${name}`);
  try {
    await step();
  } catch (error) {
    count.failed++;
    console.log(`FAILED: ${error instanceof Error ? error.message : error}`);
  }
  console.log(`== ${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}
console.log(
  `tests: ${count.passed} passed, ${count.failed} failed, ${count.ignored} skipped`,
);
Deno.exit(count.failed === 0 ? 0 : 1);
