import assert from "node:assert/strict";
import { liveProgress } from "../../../runner/execute/live_progress.ts";
import { testFolder } from "../../helpers/folder.ts";

const line = (event: object) => JSON.stringify(event) + "\n";
const progress = (done: number, at: number) =>
  line({ type: "progress", done, total: 100, unit: "steps", metrics: { loss: 1 / done }, at });

Deno.test("the last report of a stage tells how far it is, how fast, and how long still", () => {
  const events = line({ type: "begun", at: 0 }) + progress(10, 1000) +
    line({ type: "point", name: "loss", step: 10, value: 1 }) + progress(20, 3000) + '{"type":"pro';
  using dir = testFolder({ events });
  assert.deepEqual(liveProgress(`${dir.path}/events`, 4000), {
    done: 20,
    total: 100,
    unit: "steps",
    metrics: { loss: 0.05 },
    saidAt: "1970-01-01T00:00:03.000Z",
    perSecond: 5,
    secondsLeft: 15,
  });
});

Deno.test("what an earlier attempt reported does not count", () => {
  const before = progress(10, 1000) + progress(60, 2000) + line({ type: "begun", at: 9000 });
  using dir = testFolder({ fresh: before, again: before + progress(61, 9500) });
  assert.equal(liveProgress(`${dir.path}/fresh`, 9000), undefined);
  assert.deepEqual(liveProgress(`${dir.path}/again`, 9500), {
    done: 61,
    total: 100,
    unit: "steps",
    metrics: { loss: 1 / 61 },
    saidAt: "1970-01-01T00:00:09.500Z",
  });
  assert.equal(liveProgress(`${dir.path}/none`, 0), undefined);
});

Deno.test("of a long file only the end is read", () => {
  const many = Array.from({ length: 5000 }, (_, i) => progress(i + 1, 1000 * i)).join("");
  using dir = testFolder({ events: many });
  const { done, perSecond } = liveProgress(`${dir.path}/events`, 5_000_000) ?? {};
  assert.deepEqual([done, perSecond], [5000, 1]);
});
