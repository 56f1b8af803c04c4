import assert from "node:assert/strict";
import { median, timePasses } from "../../../ml/cost/latency.ts";

Deno.test("The median is the middle one, or lies between the two in the middle", () => {
  assert.equal(median([7]), 7);
  assert.equal(median([100, 1, 3]), 3);
  assert.equal(median([10, 1, 3, 2]), 2.5);
});

Deno.test("Passes are timed after the warm-up, one after the other", async () => {
  let running = 0, calls = 0;
  const done: number[] = [];
  const pass = async () => {
    assert.equal(running++, 0);
    calls++;
    await Promise.resolve();
    running--;
  };
  const latency = await timePasses(pass, { warmUp: 2, passes: 3 }, (n) => done.push(n));
  assert.equal(calls, 5);
  assert.deepEqual(done, [1, 2, 3, 4, 5]);
  assert.equal(latency.passes, 3);
  assert.ok(latency.best > 0 && latency.best <= latency.median);
});
