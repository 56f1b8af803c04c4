import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseDoomed } from "../../../../runner/store/care/choose.ts";
import type { Holding } from "../../../../runner/store/care/holdings.ts";

const DAY = 24 * 3600 * 1000;
const NOW = 1000 * DAY;

/** A result of which only what is given matters; its only content is named like its tree. */
function holding(key: string, parts: Partial<Holding>): Holding {
  return {
    key,
    pipeline: "p",
    id: key,
    seconds: 1,
    madeAt: 0,
    usedAt: NOW,
    trees: [key],
    log: "",
    recordBytes: 0,
    ...parts,
  };
}

/** Every tree holds one content of its name, of the given size. */
function contents(sizes: Record<string, number>) {
  return {
    of: ({ trees }: Pick<Holding, "trees">) =>
      new Map(trees.map((tree) => [tree, sizes[tree] ?? 0])),
  };
}

Deno.test("what was not used for long goes, whatever it took", () => {
  const old = holding("old", { usedAt: NOW - 31 * DAY, seconds: 1e6 });
  const young = holding("young", { usedAt: NOW - 29 * DAY });
  const { doomed, bytes } = chooseDoomed([old, young], contents({ old: 10, young: 5 }), {
    keep: new Set(),
    usedBefore: NOW - 30 * DAY,
    now: NOW,
  });
  assert.deepEqual(doomed, [{ holding: old, bytes: 10, why: "unused" }]);
  assert.equal(bytes, 5);
});

Deno.test("to a size, what saves the fewest seconds for its bytes goes first", () => {
  const training = holding("training", { seconds: 36_000 });
  const pictures = holding("pictures", { seconds: 60 });
  const table = holding("table", { seconds: 1 });
  const sizes = contents({ training: 1_000, pictures: 100_000, table: 10 });
  const { doomed, bytes } = chooseDoomed([training, pictures, table], sizes, {
    keep: new Set(),
    maxBytes: 2_000,
    now: NOW,
  });
  assert.deepEqual(doomed, [{ holding: pictures, bytes: 100_000, why: "size" }]);
  assert.equal(bytes, 1_010);
});

Deno.test("of two that save as much, the one goes that was not used for longer", () => {
  const a = holding("a", { usedAt: NOW - 100 * DAY });
  const b = holding("b", { usedAt: NOW - 1 * DAY });
  const { doomed } = chooseDoomed([b, a], contents({ a: 10, b: 10 }), {
    keep: new Set(),
    maxBytes: 10,
    now: NOW,
  });
  assert.deepEqual(doomed.map(({ holding }) => holding.key), ["a"]);
});

Deno.test("what others need too frees nothing when it goes", () => {
  const a = holding("a", { trees: ["shared", "own"] });
  const b = holding("b", { trees: ["shared"] });
  const { doomed, bytes } = chooseDoomed([a, b], contents({ shared: 100, own: 10 }), {
    keep: new Set(["b"]),
    maxBytes: 0,
    now: NOW,
  }, 7);
  assert.deepEqual(doomed, [{ holding: a, bytes: 10, why: "size" }]);
  assert.equal(bytes, 107);
});

Deno.test("what is kept stays, the size is reached if it can be, and the sums are right", () => {
  const results = fc.uniqueArray(
    fc.record({
      key: fc.integer({ min: 0, max: 30 }).map(String),
      trees: fc.uniqueArray(fc.constantFrom("t0", "t1", "t2", "t3", "t4", "t5"), { maxLength: 3 }),
      seconds: fc.nat(1000),
      usedAt: fc.nat(NOW),
      kept: fc.boolean(),
    }),
    { selector: ({ key }) => key, maxLength: 15 },
  );
  const sizes: Record<string, number> = { t0: 1, t1: 20, t2: 300, t3: 4000, t4: 0, t5: 7 };
  const size = (holdings: Holding[]) =>
    [...new Set(holdings.flatMap(({ trees }) => trees))].reduce(
      (sum, tree) => sum + sizes[tree],
      0,
    );
  fc.assert(
    fc.property(results, fc.nat(5000), fc.option(fc.nat(NOW)), (given, maxBytes, before) => {
      const holdings = given.map(({ key, kept: _, ...parts }) => holding(key, parts));
      const keep = new Set(given.filter(({ kept }) => kept).map(({ key }) => key));
      const { doomed, bytes } = chooseDoomed(holdings, contents(sizes), {
        keep,
        maxBytes,
        now: NOW,
        ...(before !== null && { usedBefore: before }),
      });
      const gone = new Set(doomed.map(({ holding }) => holding.key));
      const stay = holdings.filter(({ key }) => !gone.has(key));
      assert.deepEqual([...gone].filter((key) => keep.has(key)), []);
      assert.equal(bytes, size(stay));
      assert.equal(size(holdings) - doomed.reduce((sum, { bytes }) => sum + bytes, 0), bytes);
      assert(bytes <= maxBytes || stay.every(({ key }) => keep.has(key)));
    }),
  );
});
