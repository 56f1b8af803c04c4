/**
 * The command with which the README tells people to run the tests, and the summary it ends with.
 *
 * @module
 */

/** How many tests came out how. */
export interface TestCount {
  passed: number;
  failed: number;
  ignored: number;
}

/**
 * Finds the command; a README without it is an error, as people would not know how to test.
 *
 * @returns its words
 */
export function testCommand(readme: string): string[] {
  const line = readme.split("\n").find((line) => /^npx -y deno task test\b/.test(line));
  if (line === undefined) throw new Error('README.md has no line "npx -y deno task test"');
  return line.replace(/\s#.*$/, "").trim().split(/\s+/);
}

/** Reads the last line of the form `ok | 12 passed (3 steps) | 0 failed | 1 ignored (4s)`. */
export function readTests(output: string): TestCount | undefined {
  const summaries = output.matchAll(
    /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed.*?(?: \| (\d+) ignored.*)?$/gm,
  );
  const last = [...summaries].at(-1);
  if (last === undefined) return undefined;
  const [passed, failed, ignored] = last.slice(1).map((digits) => Number(digits ?? 0));
  return { passed, failed, ignored };
}
