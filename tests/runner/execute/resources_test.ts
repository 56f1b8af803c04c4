import assert from "node:assert/strict";
import { longestPaths } from "../../../runner/execute/priority.ts";
import { ResourcePool } from "../../../runner/execute/resources.ts";
import { instance } from "./instance.ts";

Deno.test("ResourcePool gives what is free, and takes back once", () => {
  const pool = new ResourcePool({ cpu: 2, memory: 100, gpu: 1 });
  const first = pool.take({ cpu: 1, gpu: 0, memory: 60 });
  assert.ok(first);
  assert.equal(pool.take({ cpu: 1, gpu: 0, memory: 60 }), undefined);
  const second = pool.take({ cpu: 1, gpu: 1 });
  assert.ok(second);
  assert.equal(pool.take({ cpu: 1, gpu: 0 }), undefined);
  first();
  first();
  const third = pool.take({ cpu: 1, gpu: 0, memory: 100 });
  assert.ok(third);
  assert.equal(pool.take({ cpu: 1, gpu: 0 }), undefined);
});

Deno.test("a stage that asks for more than there is gets all of it, alone", () => {
  const pool = new ResourcePool({ cpu: 2, memory: 100, gpu: 1 });
  const giveBack = pool.take({ cpu: 8, gpu: 4, memory: 1000 });
  assert.ok(giveBack);
  assert.equal(pool.take({ cpu: 1, gpu: 0 }), undefined);
  giveBack();
  assert.ok(pool.take({ cpu: 1, gpu: 0 }));
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
