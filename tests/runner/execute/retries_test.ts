/**
 * Further attempts at a stage.
 *
 * @module
 */
import assert from "node:assert/strict";
import { backOffSeconds, Retries } from "../../../runner/execute/retries.ts";
import type { Failure } from "../../../runner/execute/executor.ts";

const KEY = "0".repeat(64);

const failure = (kind: Failure["kind"]): Failure => ({ kind, message: kind });

Deno.test("a failure is followed by as many attempts as retries says, each after a longer wait", () => {
  const retries = new Retries({ resources: { cpu: 1, gpu: 0 }, retries: 2 }, KEY, 1);
  const round = (next: ReturnType<Retries["next"]>) =>
    next && { ...next, waitSeconds: Math.round(next.waitSeconds * 100) / 100 };
  assert.deepEqual(round(retries.next(failure("error"))), {
    attempt: 2,
    attempts: 3,
    waitSeconds: SECONDS[0],
  });
  assert.deepEqual(round(retries.next(failure("timeout"))), {
    attempt: 3,
    attempts: 3,
    waitSeconds: SECONDS[1],
  });
  assert.equal(retries.next(failure("error")), undefined);
});

/** Of this key. */
const SECONDS = [0.75, 2.4];

Deno.test("what would only happen again is not tried again", () => {
  const retries = new Retries({ resources: { cpu: 1, gpu: 0 }, retries: 2 }, KEY, 1);
  for (const kind of ["denied", "memory", "output", "store", "changed"] as const) {
    assert.equal(retries.next(failure(kind)), undefined, kind);
  }
});

Deno.test("a stage that has outgrown its memory gets the next size, which is no retry", () => {
  const resources = { cpu: 1, gpu: 0, memory: 100, moreMemory: [200, 400] };
  const retries = new Retries({ resources, retries: 1 }, KEY, 0);
  assert.deepEqual(retries.next(failure("memory")), {
    attempt: 2,
    attempts: 4,
    waitSeconds: 0,
    memory: 200,
  });
  assert.equal(retries.resources.memory, 200);
  assert.deepEqual(retries.next(failure("crash")), { attempt: 3, attempts: 4, waitSeconds: 0 });
  assert.equal(retries.resources.memory, 200);
  assert.equal(retries.next(failure("memory"))?.memory, 400);
  assert.equal(retries.next(failure("memory")), undefined);
});

Deno.test("waits double up to a minute, up to a quarter shorter or longer, always the same for a key", () => {
  for (let retry = 1; retry <= 12; retry++) {
    const middle = Math.min(60, 2 ** (retry - 1));
    const waits = Array.from({ length: 50 }, (_, i) => backOffSeconds(`key ${i}`, retry, 1));
    assert.ok(waits.every((seconds) => seconds >= 0.75 * middle && seconds < 1.25 * middle));
    assert.ok(new Set(waits).size > 40, "not all at once");
    assert.equal(backOffSeconds("key 0", retry, 1), waits[0]);
  }
});
