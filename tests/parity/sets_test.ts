import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const test = fileURLToPath(new URL("parity_test.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs the parity tests on a set; paths and contents of its files. */
async function run(files: Record<string, string>): Promise<{ code: number; output: string }> {
  const folder = await Deno.makeTempDir({ prefix: "parity_" });
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "-A", test],
      cwd: root,
      env: { PARITY_FIXTURES: folder, NO_COLOR: "1" },
      stderr: "null",
    }).output();
    return { code, output: new TextDecoder().decode(stdout) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("an empty parity set is a failure", async () => {
  const { code, output } = await run({ "README.md": "nothing here" });
  assert.notEqual(code, 0);
  assert.match(output, /holds files \.\.\. FAILED/);
});

Deno.test("a file that nobody knows is a failure", async () => {
  const { code, output } = await run({ "ops/mystery.json": "{}" });
  assert.notEqual(code, 0);
  assert.match(output, /ops\/mystery\.json is known \.\.\. FAILED/);
});

Deno.test("names, sizes and numbers come from inside the file", async () => {
  const fixture = {
    case: "other",
    inputs: {
      sr: { name: "other/sr", shape: [1, 1, 2, 2], scale: 0, offset: 0.25 },
      hr: { name: "other/hr", shape: [1, 1, 2, 2], scale: 0, offset: 0.75 },
      mask: ["1000"],
      mask_cells: 2,
    },
    expected: { mixed: { shape: [1, 1, 2, 2], tol: 0, data: [0.25, 0.75, 0.75, 0.75] } },
  };
  const good = await run({ "losses/cqmix_other.json": JSON.stringify(fixture) });
  assert.match(good.output, /losses\/cqmix_other\.json is reproduced \.\.\. ok/);
  assert.equal(good.code, 0);
  fixture.expected.mixed.data[3] = 0.25;
  const bad = await run({ "losses/cqmix_other.json": JSON.stringify(fixture) });
  assert.match(bad.output, /mixed\[3\]: got 0\.75, expected 0\.25/);
  assert.notEqual(bad.code, 0);
});
