import assert from "node:assert/strict";
import { longestPaths } from "../../../runner/execute/priority.ts";
import { Holding, ResourcePool } from "../../../runner/execute/resources.ts";
import { instance } from "./instance.ts";

const NOW = new AbortController().signal;

Deno.test("ResourcePool gives what is free, and takes back once", () => {
  const pool = new ResourcePool({ cpu: 2, memory: 100, gpus: [null], slots: {} });
  const first = pool.take({ cpu: 1, gpu: 0, memory: 60 });
  assert.ok(first);
  assert.equal(pool.take({ cpu: 1, gpu: 0, memory: 60 }), undefined);
  const second = pool.take({ cpu: 1, gpu: 1 });
  assert.ok(second);
  assert.equal(pool.take({ cpu: 1, gpu: 0 }), undefined);
  first.giveBack();
  first.giveBack();
  const third = pool.take({ cpu: 1, gpu: 0, memory: 100 });
  assert.ok(third);
  assert.equal(pool.take({ cpu: 1, gpu: 0 }), undefined);
});

Deno.test("a stage that asks for more than there is gets all of it, alone", () => {
  const pool = new ResourcePool({ cpu: 2, memory: 100, gpus: ["0"], slots: { disk: 1 } });
  const all = pool.take({ cpu: 8, gpu: 4, memory: 1000, slots: { disk: 3 } });
  assert.deepEqual(all?.gpus, ["0"]);
  assert.equal(pool.take({ cpu: 1, gpu: 0 }), undefined);
  all.giveBack();
  assert.ok(pool.take({ cpu: 1, gpu: 0 }));
});

Deno.test("each stage has GPUs of its own, the first free ones", () => {
  const pool = new ResourcePool({ cpu: 9, memory: 0, gpus: ["3", "5", "7"], slots: {} });
  const first = pool.take({ cpu: 1, gpu: 1 });
  const second = pool.take({ cpu: 1, gpu: 2 });
  assert.deepEqual([first?.gpus, second?.gpus], [["3"], ["5", "7"]]);
  assert.equal(pool.take({ cpu: 1, gpu: 1 }), undefined);
  second?.giveBack();
  first?.giveBack();
  assert.deepEqual(pool.take({ cpu: 1, gpu: 2 })?.gpus, ["3", "5"]);
});

Deno.test("slots are counted by name, and a mutex is held by one stage", () => {
  const pool = new ResourcePool({ cpu: 9, memory: 0, gpus: [], slots: { disk: 3 } });
  const first = pool.take({ cpu: 1, gpu: 0, slots: { disk: 2 }, mutex: ["lib"] });
  assert.ok(first);
  assert.equal(pool.take({ cpu: 1, gpu: 0, slots: { disk: 2 } }), undefined);
  assert.equal(pool.take({ cpu: 1, gpu: 0, mutex: ["other", "lib"] }), undefined);
  assert.ok(pool.take({ cpu: 1, gpu: 0, slots: { disk: 1 }, mutex: ["disk"] }));
  first.giveBack();
  assert.ok(pool.take({ cpu: 1, gpu: 0, slots: { disk: 2 }, mutex: ["lib"] }));
});

Deno.test("what a stage lets go of can be used by others, and is taken again as soon as it is free", async () => {
  const freed: string[] = [];
  const pool = new ResourcePool(
    { cpu: 1, memory: 0, gpus: ["0", "1"], slots: {} },
    () => freed.push("free"),
  );
  const grant = pool.take({ cpu: 1, gpu: 1 });
  assert.ok(grant);
  const holding = new Holding(pool, grant);
  assert.deepEqual(holding.gpus, ["0"]);
  holding.release();
  assert.deepEqual(holding.gpus, []);

  const other = pool.take({ cpu: 1, gpu: 2 });
  assert.ok(other);
  const back = holding.retake({ cpu: 1, gpu: 2 }, NOW);
  assert.equal(pool.take({ cpu: 1, gpu: 0 }), undefined);
  other.giveBack();
  assert.equal(pool.take({ cpu: 1, gpu: 0 }), undefined, "who waited was first");
  assert.equal(await back, true);
  assert.deepEqual(holding.gpus, ["0", "1"]);
  assert.deepEqual(freed, ["free", "free"]);
});

Deno.test("who waits for resources stops waiting when the run is stopped", async () => {
  const pool = new ResourcePool({ cpu: 1, memory: 0, gpus: [], slots: {} });
  const other = pool.take({ cpu: 1, gpu: 0 });
  assert.ok(other);
  const stop = new AbortController();
  const waiting = pool.takeSoon({ cpu: 1, gpu: 0 }, stop.signal);
  stop.abort();
  assert.equal(await waiting, undefined);
  other.giveBack();
  assert.ok(pool.take({ cpu: 1, gpu: 0 }), "nobody else has taken it");
});

Deno.test("longestPaths() adds up the slowest chain behind each stage", () => {
  const stages = [
    instance("a"),
    instance("b", { needs: ["a"] }),
    instance("c", { needs: ["a"] }),
    instance("d", { needs: ["b", "c"] }),
  ];
  const seconds: Record<string, number> = { a: 1, b: 10, c: 20, d: 100 };
  assert.deepEqual(
    Object.fromEntries(longestPaths(stages, (id) => seconds[id])),
    { a: 121, b: 110, c: 120, d: 100 },
  );
});
