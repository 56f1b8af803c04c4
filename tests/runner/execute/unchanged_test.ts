import assert from "node:assert/strict";
import type { StageEvent } from "../../../runner/execute/events.ts";
import type { Executor, Outcome } from "../../../runner/execute/executor.ts";
import { unchangedAttempt } from "../../../runner/execute/unchanged.ts";
import { FakeCluster } from "./slurm/fake_cluster.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs a stage whose code changes where its life says so; 20 ms after its begin it is loaded. */
async function runWith(
  live: (begin: () => void, edit: () => void) => Promise<void>,
): Promise<{ outcome: Outcome; looks: number }> {
  using cluster = new FakeCluster();
  let edited = false;
  let looks = 0;
  const executor: Executor = {
    start(_, onEvent: (event: StageEvent) => void) {
      const outcome = live(() => onEvent({ type: "begun" }), () => edited = true)
        .then((): Outcome => ({ status: "finished" }));
      return { outcome, stop() {}, kill() {} };
    },
  };
  const changed = () => {
    looks++;
    return Promise.resolve(edited ? "stages/some.ts" : undefined);
  };
  const never = new AbortController().signal;
  const outcome = await unchangedAttempt(
    { changed },
    cluster.job(),
    {
      timeoutSeconds: undefined,
      interruption: { stop: never, kill: never },
      onEvent() {},
    },
    executor,
    20,
  );
  return { outcome, looks };
}

Deno.test("code that changes while a stage waits in a queue spoils its result", async () => {
  const { outcome } = await runWith(async (begin, edit) => {
    await pause(60); // longer than it takes to load code
    edit();
    begin();
    await pause(5);
  });
  assert.equal(outcome.status === "failed" && outcome.failure.kind, "changed");
});

Deno.test("code that changes once it is loaded does not", async () => {
  const { outcome, looks } = await runWith(async (begin, edit) => {
    begin();
    await pause(60);
    edit();
  });
  assert.deepEqual([outcome.status, looks], ["finished", 2]);
});

Deno.test("a stage that goes on in another process loads its code again", async () => {
  const { outcome } = await runWith(async (begin, edit) => {
    begin();
    await pause(60);
    edit();
    begin();
    await pause(5);
  });
  assert.equal(outcome.status === "failed" && outcome.failure.kind, "changed");
});
