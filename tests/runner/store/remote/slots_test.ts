import assert from "node:assert/strict";
import { forEachOf, Slots } from "../../../../runner/store/remote/slots.ts";

Deno.test("Slots lets so many in at a time, in the order in which they came", async () => {
  const slots = new Slots(2);
  const gates = [1, 2, 3, 4].map(() => Promise.withResolvers<void>());
  const begun: number[] = [];
  const all = gates.map(({ promise }, n) =>
    slots.use(async () => {
      begun.push(n);
      await promise;
    })
  );
  await Promise.resolve();
  assert.deepEqual(begun, [0, 1]);
  gates[1].resolve();
  await all[1];
  await Promise.resolve();
  assert.deepEqual(begun, [0, 1, 2]);
  gates.forEach(({ resolve }) => resolve());
  await Promise.all(all);
  assert.deepEqual(begun, [0, 1, 2, 3]);
});

Deno.test("Slots frees its place after an error", async () => {
  const slots = new Slots(1);
  await assert.rejects(slots.use(() => Promise.reject(new Error("no"))), { message: "no" });
  assert.equal(await slots.use(() => Promise.resolve("next")), "next");
});

Deno.test("forEachOf() begins nothing after an error, and ends when all that began has ended", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (n: number) => {
    begun.push(n);
    if (n === 1) throw new Error("one");
    await new Promise((resolve) => setTimeout(resolve));
    ended.push(n);
  };
  await assert.rejects(forEachOf([0, 1, 2, 3], 2, work), { message: "one" });
  assert.deepEqual([begun, ended], [[0, 1], [0]]);
});
