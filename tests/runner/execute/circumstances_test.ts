/**
 * The circumstances in which a stage is checked: another clock, one processor.
 *
 * @module
 */
import assert from "node:assert/strict";
import { shiftClock } from "../../../runner/execute/clock.ts";
import { onOneProcessor } from "../../../runner/execute/confined.ts";

Deno.test("shiftClock() moves the time of now, and no other", () => {
  const before = globalThis.Date;
  try {
    const now = Date.now();
    shiftClock(1000);
    const ahead = (time: number) => Math.abs(time - now - 1_000_000) < 60_000;
    assert.ok(ahead(Date.now()));
    assert.ok(ahead(new Date().getTime()));
    assert.ok(ahead(Date.parse(Date())));
    assert.equal(new Date(5).getTime(), 5);
    assert.equal(new Date("2020-01-02T00:00:00Z").getTime(), 1577923200000);
    assert.equal(Date.UTC(2020, 0, 2), 1577923200000);
    assert.ok(new Date() instanceof Date && new before(0) instanceof Date);
  } finally {
    globalThis.Date = before;
  }
});

const confined = onOneProcessor();

Deno.test({
  name: "onOneProcessor() starts a program that sees one processor",
  ignore: confined === undefined, // another system, or no util-linux
  fn: async () => {
    const [program, ...args] = confined ?? [];
    const { stdout } = await new Deno.Command(program, {
      args: [...args, Deno.execPath(), "eval", "console.log(navigator.hardwareConcurrency)"],
      env: { NO_COLOR: "1" },
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "1\n");
  },
});
