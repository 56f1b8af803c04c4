/**
 * Memory of a process and of what it has started.
 *
 * @module
 */
import assert from "node:assert/strict";
import { usedMemory } from "../../../runner/execute/memory.ts";

const MIB = 1024 ** 2;

/** Fills 64 MiB; then starts itself as often as the first argument says; then says that it is ready. */
const EATER = `
  const block = new Uint8Array(64 * 1024 ** 2).fill(1);
  const more = Number(Deno.args[0]);
  if (more > 0) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", Deno.env.get("EATER"), String(more - 1)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    await child.stdout.getReader().read();
  }
  console.log("ready", block.length);
  await Deno.stdin.readable.getReader().read();
`;

Deno.test({
  name: "the memory of a process counts with that of all it has started",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", EATER, "2"],
      env: { EATER },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    try {
      const stdout = child.stdout.getReader();
      await stdout.read();
      for (const limit of [Infinity, 1]) {
        const used = usedMemory(child.pid, limit);
        assert.equal(used?.processes, 3);
        assert.ok(used.bytes > 3 * 64 * MIB, `${used.bytes}`);
      }
      await stdout.cancel();
    } finally {
      await child.stdin.close();
      child.kill("SIGKILL");
      await child.status;
    }
    assert.equal(usedMemory(child.pid, 1), undefined);
  },
});
