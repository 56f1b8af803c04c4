import assert from "node:assert/strict";
import { containerJob } from "../../../runner/manifests/container_job.ts";
import { unknownStage } from "./unknown_stage.ts";

const MIB = 2 ** 20;

function jobOf(
  given: Parameters<typeof unknownStage>[1],
  { memory, time }: { memory?: number; time?: number } = {},
) {
  const commandOf = (id: string) => ["run", id];
  return containerJob(unknownStage("it", given), { commandOf, env: {}, memory, time });
}

Deno.test("a job has room for its runner beside the stage's last size", () => {
  const sizes = { cpu: 1, gpu: 0, memory: 512 * MIB, moreMemory: [1024 * MIB, 2048 * MIB] };
  assert.equal(jobOf({ resources: sizes }).memory, (2048 + 256) * MIB);
  assert.equal(jobOf({}, { memory: 512 * MIB }).memory, (512 + 256) * MIB);
  assert.equal(jobOf({}).memory, undefined);
});

Deno.test("a job's limit leaves its runner all attempts, each with grace and rest", () => {
  assert.equal(jobOf({ timeoutSeconds: 600, graceSeconds: 300, retries: 2 }).seconds, 3 * 1020);
  const sizes = { cpu: 1, gpu: 0, memory: MIB, moreMemory: [2 * MIB] };
  assert.equal(jobOf({ timeoutSeconds: 600, resources: sizes }).seconds, 2 * 750);
  assert.equal(jobOf({ retries: 1 }, { time: 600 }).seconds, 2 * 750);
  assert.equal(jobOf({ retries: 1 }).seconds, undefined);
});

Deno.test("a job may take as long to end as its stage, and a little for its runner", () => {
  assert.equal(jobOf({ graceSeconds: 300 }).graceSeconds, 315);
  assert.equal(jobOf({}).graceSeconds, 45);
});
