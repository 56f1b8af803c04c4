import assert from "node:assert/strict";
import { Activity, fit } from "../../../runner/ui/activity.ts";
import {
  formatAmount,
  formatBytes,
  formatRate,
  formatSeconds,
  formatValue,
  formatWait,
} from "../../../runner/ui/format.ts";
import { Meter } from "../../../runner/ui/meter.ts";

Deno.test("times are told as people tell them", () => {
  assert.deepEqual([0.04, 41.23, 59.96, 185, 3599.6, 7800].map(formatSeconds), [
    "0.0 s",
    "41.2 s",
    "1 min 00 s",
    "3 min 05 s",
    "1 h 00 min",
    "2 h 10 min",
  ]);
  assert.deepEqual([0.2, 7.1, 61].map(formatWait), ["1 s", "8 s", "1 min 01 s"]);
});

Deno.test("amounts and rates choose their unit", () => {
  assert.deepEqual([512, 3.1 * 1024 ** 3].map(formatBytes), ["512 B", "3.1 GiB"]);
  assert.equal(formatAmount(1200, 3000, "images"), "1,200/3,000 images");
  assert.equal(formatAmount(5, 0, "images"), "5 images");
  assert.equal(formatAmount(1024 ** 2, 2 * 1024 ** 2, "bytes"), "1.0 MiB/2.0 MiB");
  assert.equal(formatRate(12.34, "images"), "12.3/s");
  assert.equal(formatRate(1234.5, "images"), "1235/s");
  assert.equal(formatRate(0.5, "images"), "2.0 s each");
  assert.equal(formatRate(2048, "bytes"), "2.0 KiB/s");
  assert.equal(formatRate(0, "images"), "");
});

Deno.test("values keep about four figures", () => {
  assert.deepEqual([3, 0.012345, 28.3149, 123.456, 0.0000123, 0.5].map(formatValue), [
    "3",
    "0.01235",
    "28.31",
    "123.5",
    "1.23e-5",
    "0.5",
  ]);
});

Deno.test("Meter tells rate and time left, and forgets what was before a new phase", () => {
  const meter = new Meter();
  meter.update(10, 100, 0);
  assert.equal(meter.rate, 0);
  assert.equal(meter.remaining(0), undefined);
  meter.update(30, 100, 2);
  assert.equal(meter.rate, 10);
  assert.equal(meter.remaining(2), 7);
  assert.equal(meter.remaining(4), 5);
  meter.update(0, 50, 5);
  assert.equal(meter.rate, 0);
});

Deno.test("Meter follows the last twenty seconds", () => {
  const meter = new Meter();
  for (let time = 0; time <= 100; time++) {
    meter.update(time < 50 ? time : 5 * time - 200, 1000, time);
  }
  assert.equal(meter.rate, 5);
});

Deno.test("a line leaves out from its end what the terminal has no room for", () => {
  const activity = new Activity("train", 0);
  assert.equal(activity.line(3, 7, 80), "train    3.0 s");
  activity.update({ done: 0, total: 4, unit: "steps", metrics: {} }, 0);
  activity.update({ done: 2, total: 4, unit: "steps", metrics: { loss: 0.25 } }, 1);
  assert.equal(
    activity.line(1, 7, 80),
    "train    ████████░░░░░░░░  50%  2/4 steps  2.0/s  1 s left  loss 0.25",
  );
  assert.equal(activity.line(1, 7, 50), "train    ████████░░░░░░░░  50%  2/4 steps  2.0/s");
  assert.equal(activity.line(1, 7, 8), "train  ");
});

Deno.test("fit() keeps both ends of an id that is too long", () => {
  assert.equal(fit("abc", 5), "abc  ");
  assert.equal(fit("evaluate/sr4ir/x8", 9), "eval…r/x8");
  assert.equal(fit("abcdef", 2), "ab");
});
