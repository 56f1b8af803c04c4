import assert from "node:assert/strict";
import { readTests, testCommand } from "../.ci/readme_tests.ts";

Deno.test("the command that runs the tests is the README's", () => {
  const readme = "# Title\n\n```sh\nnpx -y deno task test   # a minute\n```\n";
  assert.deepEqual(testCommand(readme), ["npx", "-y", "deno", "task", "test"]);
  assert.throws(() => testCommand("# Title\n"), {
    message: 'README.md has no line "npx -y deno task test"',
  });
});

Deno.test("the numbers of tests are read from the last summary", () => {
  const output = `
ok | 1 passed | 0 failed (2ms)
x ... ok (1ms)

FAILED | 786 passed (43 steps) | 1 failed (2 steps) | 17 ignored (12 steps) (6m28s)
`;
  assert.deepEqual(readTests(output), { passed: 786, failed: 1, ignored: 17 });
  assert.deepEqual(readTests("ok | 4 passed | 0 failed (2ms)\n"), {
    passed: 4,
    failed: 0,
    ignored: 0,
  });
  assert.equal(readTests("error: cannot load a module\n"), undefined);
});
