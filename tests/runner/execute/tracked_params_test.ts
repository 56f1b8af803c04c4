/**
 * Params that note what is read of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { z } from "zod";
import { trackReads } from "../../../runner/execute/tracked_params.ts";

const PARAMS = {
  seed: 1,
  name: null,
  sizes: [{ w: 1 }, { w: 2 }],
  sr: { epochs: 2, net: { blocks: 3 } },
};
const ALL = ["name", "seed", "sizes", "sr", "sr.epochs", "sr.net", "sr.net.blocks"];

// deno-lint-ignore no-explicit-any -- as loose as a stage may be
type Loose = any;

/** What a use of the params reads, sorted. */
function readBy(use: (params: Loose) => unknown): string[] {
  const read: string[] = [];
  use(trackReads(PARAMS, (path) => read.push(path.join("."))));
  return read.sort();
}

Deno.test("what is read is noted by its path, once, and nothing else is", () => {
  assert.deepEqual(readBy(() => {}), []);
  assert.deepEqual(readBy((p) => p.seed + p.seed), ["seed"]);
  assert.deepEqual(readBy((p) => p.sr.epochs), ["sr", "sr.epochs"]);
  assert.deepEqual(readBy(({ sr: { net } }) => net), ["sr", "sr.net"]);
  const partly = ({ net }: Loose) => net.blocks;
  assert.deepEqual(readBy((p) => partly(p.sr)), ["sr", "sr.net", "sr.net.blocks"]);
  assert.deepEqual(readBy((p) => p.sizes[1].w), ["sizes"]);
  assert.deepEqual(readBy((p) => [...p.sizes]), ["sizes"]);
  assert.deepEqual(readBy((p) => "seed" in p && Object.keys(p).length), []);
  assert.deepEqual(readBy((p) => p.absent ?? p.sr?.absent), ["sr"]);
});

Deno.test("whatever copies params, or shows them, reads them", async () => {
  assert.deepEqual(readBy((p) => ({ ...p })), ["name", "seed", "sizes", "sr"]);
  assert.deepEqual(readBy((p) => ({ ...p.sr })), ["sr", "sr.epochs", "sr.net"]);
  assert.deepEqual(readBy((p) => Object.entries(p.sr)), ["sr", "sr.epochs", "sr.net"]);
  assert.deepEqual(readBy((p) => Object.values(p)), ["name", "seed", "sizes", "sr"]);
  for (
    const whole of [
      (p: Loose) => assert.deepEqual(structuredClone(p), PARAMS),
      (p: Loose) => assert.equal(JSON.stringify(p), JSON.stringify(PARAMS)),
      (p: Loose) => assert.deepEqual(p, PARAMS),
      (p: Loose) => assert.equal(Deno.inspect(p), Deno.inspect(PARAMS)),
      (p: Loose) => assert.equal(inspect(p), inspect(PARAMS)),
      (p: Loose) => z.looseObject({ sr: z.looseObject({ net: z.looseObject({}) }) }).parse(p),
    ]
  ) assert.deepEqual(readBy(whole), ALL, String(whole));

  const { port1, port2 } = new MessageChannel();
  const arrived = new Promise((resolve) => port2.onmessage = ({ data }) => resolve(data));
  assert.deepEqual(readBy((p) => port1.postMessage(p)), ALL);
  assert.deepEqual(await arrived, PARAMS);
  port1.close();
  port2.close();
});

Deno.test("params can be changed, frozen and derived from as if they were plain", () => {
  assert.deepEqual(
    readBy((p) => {
      p.seed = 7;
      assert.equal(p.seed, 7);
      p.sr.epochs++;
      assert.equal(p.sr.epochs, 3);
      assert.equal(p.sr, p.sr);
      delete p.name;
      assert.deepEqual(Object.keys(p), ["seed", "sizes", "sr"]);
    }),
    ["sr", "sr.epochs"],
  );
  assert.deepEqual(
    readBy((p) => {
      Object.freeze(p);
      assert.equal(p.sr, p.sr);
      assert.throws(() => p.seed = 1, TypeError);
      const derived = Object.create(p);
      derived.more = 1;
      assert.equal(derived.seed, 1);
    }),
    ["seed", "sr"],
  );
  assert.deepEqual(PARAMS.sr, { epochs: 2, net: { blocks: 3 } });
});

Deno.test("a value whose reading cannot be noted is not handed out", () => {
  let room = false;
  const params: Loose = trackReads(PARAMS, () => {
    if (!room) throw new Error("no room");
  });
  assert.throws(() => params.seed, /no room/);
  assert.throws(() => params.seed, /no room/);
  room = true;
  assert.equal(params.seed, 1);
});

Deno.test("keys of all kinds are keys", () => {
  const odd = JSON.parse('{"__proto__": {"a.b": 1}, "constructor": 2, "": 3, "0": 4}');
  const read: string[][] = [];
  const params: Loose = trackReads(odd, (path) => read.push(path));
  assert.equal(JSON.stringify(params), JSON.stringify(odd));
  assert.deepEqual(read, [["0"], ["__proto__"], ["__proto__", "a.b"], ["constructor"], [""]]);
});
