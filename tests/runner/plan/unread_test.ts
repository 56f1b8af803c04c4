/**
 * Results of other params: found if, and only if, all that was read is the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type ParamPath, trackReads } from "../../../runner/execute/tracked_params.ts";
import { keyOf } from "../../../runner/plan/key.ts";
import type { ActionRecord, KeyMaterial } from "../../../runner/plan/record.ts";
import { findUnread, noteReads } from "../../../runner/plan/unread.ts";
import { removeLostReads } from "../../../runner/store/care/lost_reads.ts";
import { Store } from "../../../runner/store/store.ts";
import { testFolder } from "../../helpers/folder.ts";
import { finish, material, record } from "../store/sample.ts";
import { instance } from "./instances.ts";

type Mapping = Record<string, unknown>;

const key = fc.constantFrom("a", "b", "c");
const leaf = fc.oneof(
  fc.constantFrom<unknown>(0, 1, true, null, "x", ""),
  fc.array(fc.constantFrom<unknown>(0, 1, { a: 0 }, { a: 1 }), { maxLength: 2 }),
);
const { tree } = fc.letrec<{ tree: Mapping; value: unknown }>((tie) => ({
  tree: fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  value: fc.oneof({ depthSize: "small" }, leaf, tie("tree")),
}));
/** A mapping, and the same with some of it replaced. */
const edited = fc.tuple(tree, fc.array(fc.tuple(fc.array(key, { maxLength: 3 }), leaf)))
  .map(([before, edits]) => {
    const now = structuredClone(before);
    for (const [path, value] of edits) {
      let here: Mapping = now;
      for (const step of path.slice(0, -1)) if (isMapping(here[step])) here = here[step];
      const last = path.at(-1);
      if (last !== undefined) here[last] = value;
    }
    return { before, now };
  });

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A store with one result, and what is looked up in it. */
async function place() {
  const dir = testFolder();
  const store = Store.open(`${dir.path}/store`);
  const made = await finish(store);
  let n = 0;
  return {
    store,
    /** Keeps a result that has read this much; returns a look-up with other params. */
    keep(params: Mapping, readParams: ParamPath[] | undefined, more: Partial<KeyMaterial> = {}) {
      const mine = { ...material, code: { "stages/make.ts": String(n++) }, ...more };
      const kept = { ...mine, params };
      const whole: ActionRecord = {
        ...record(made),
        key: keyOf(kept),
        material: kept,
        ...(readParams && { readParams }),
      };
      store.putRecord(whole);
      noteReads(store, whole);
      return (now: Mapping, other: Partial<KeyMaterial> = {}) => {
        const wanted = { ...mine, ...other, params: now };
        const stage = { instance: instance({ id: "make" }), key: keyOf(wanted), material: wanted };
        return findUnread(stage, store);
      };
    },
    [Symbol.dispose]() {
      store.close();
      dir[Symbol.dispose]();
    },
  };
}

/** What is found along paths: values, and keys of each mapping on the way. */
function walk(params: Mapping, paths: string[][]): unknown[] {
  const look = (value: unknown) => isMapping(value) ? Object.keys(value).sort() : { value };
  return paths.flatMap((path) => {
    const seen = [look(params)];
    let here: unknown = params;
    for (const step of path) {
      if (!isMapping(here) || !Object.hasOwn(here, step)) break;
      here = here[step];
      seen.push(look(here));
    }
    return seen;
  });
}

Deno.test("a result of other params is found if, and only if, no value that was read differs", async () => {
  using at = await place();
  let hits = 0, misses = 0;
  fc.assert(
    fc.property(edited, fc.array(fc.array(key, { maxLength: 3 })), (params, paths) => {
      const { before, now } = params;
      const reads: ParamPath[] = [];
      walk(trackReads(before, (path) => reads.push(path)), paths);
      const found = at.keep(before, reads)(now);
      if (
        JSON.stringify(walk(before, [[], ...paths])) === JSON.stringify(walk(now, [[], ...paths]))
      ) {
        // Equal params have an equal key, and nothing to look for.
        const isSame =
          keyOf({ ...material, params: before }) === keyOf({ ...material, params: now });
        assert.equal(found?.status, isSame ? undefined : "hit");
        if (!isSame) hits++;
      } else {
        assert.equal(found, undefined);
        misses++;
      }
    }),
    { numRuns: 300, seed: 1 },
  );
  assert.ok(hits > 20 && misses > 20, `${hits} hits, ${misses} misses`);
});

/** A program whose every step depends on all that it has read before. */
function adaptive(params: Mapping, steps: number[]): string {
  let here = params;
  let seen = "";
  for (const step of steps) {
    const choice = (step + [...seen].reduce((sum, c) => sum + c.charCodeAt(0), 0)) % 7;
    if (choice === 0) seen += Object.keys(here);
    else if (choice === 1) seen += JSON.stringify(here);
    else if (choice === 2) seen += "a" in here;
    else {
      const value = here["abc"[choice % 3]];
      seen += isMapping(value) ? "{" : JSON.stringify(value);
      here = isMapping(value) ? value : params;
    }
  }
  return seen;
}

Deno.test("a program makes the same of params of which it has read the same", async () => {
  using at = await place();
  let hits = 0;
  fc.assert(
    fc.property(edited, fc.array(fc.nat(6), { maxLength: 6 }), ({ before, now }, steps) => {
      const reads: ParamPath[] = [];
      const made = adaptive(trackReads(before, (path) => reads.push(path)), steps);
      if (at.keep(before, reads)(now) === undefined) return;
      hits++;
      assert.equal(adaptive(now, steps), made);
    }),
    { numRuns: 300, seed: 2 },
  );
  assert.ok(hits > 20, `${hits} hits`);
});

Deno.test("what is found is kept under the new key, with how it was run", async () => {
  using at = await place();
  const find = at.keep({ a: 1, b: { c: 1, d: 1 } }, [["a"], ["b"], ["b", "d"]]);
  const found = find({ a: 1, b: { c: 2, d: 1 } });
  assert.equal(
    found?.reason,
    "stored result of another value of params.b.c, which it did not read",
  );
  const { record, storedAs, key } = found;
  assert.deepEqual(record.ranAs, { key: storedAs, params: { a: 1, b: { c: 1, d: 1 } } });
  assert.deepEqual(at.store.getRecord(key), record);
  assert.equal(record.key, key);
  assert.equal(keyOf(record.material), key);
  // What it was found by may go.
  Deno.removeSync(`${at.store.folder}/actions/${storedAs?.slice(0, 2)}/${storedAs}.json`);
  const next = find({ a: 1, b: { c: 3, d: 1 } });
  assert.equal(next?.storedAs, key);
  assert.equal(next?.record.ranAs?.key, storedAs);
});

Deno.test("another code, input or backend, or reads that are not known, is another result", async () => {
  using at = await place();
  const find = at.keep({ a: 1 }, []);
  assert.equal(find({ a: 2 }, { code: { "stages/make.ts": "other" } }), undefined);
  assert.equal(find({ a: 2 }, { inputs: { from: "other" } }), undefined);
  assert.equal(find({ a: 2 }, { runtime: { backend: "other" } }), undefined);
  assert.equal(find({ a: 2 }, { stage: { name: "make", version: 2 } }), undefined);
  assert.equal(find({ a: 2 })?.status, "hit");
  assert.equal(at.keep({ a: 1 }, undefined)({ a: 2 }), undefined);
});

Deno.test("an index that is lost, broken or wrong leads nowhere", async () => {
  using at = await place();
  const index = `${at.store.folder}/cache/reads`;
  const find = at.keep({ a: 1, b: 1 }, [["a"]]);
  const [group] = [...Deno.readDirSync(index)].map(({ name }) => name);
  const files = [...Deno.readDirSync(`${index}/${group}`)].map(({ name }) =>
    `${index}/${group}/${name}`
  );
  for (const file of files) {
    const whole = Deno.readTextFileSync(file);
    for (const text of [whole.slice(0, 20), "", whole.replace(/.$/, "#")]) {
      Deno.writeTextFileSync(file, text);
      assert.equal(find({ a: 1, b: 2 }), undefined);
    }
    Deno.writeTextFileSync(file, whole);
  }
  // The record decides, not what leads to it.
  const other = files.find((file) => !file.endsWith("/sets"));
  const wrong = at.keep({ a: 2, b: 1 }, [["a"]], { code: material.code });
  void wrong;
  const name = other?.slice(`${at.store.folder}/cache/`.length) ?? "";
  at.store.writeCache(name, keyOf({ ...material, params: { a: 2, b: 1 } }));
  assert.equal(find({ a: 1, b: 3 }), undefined);
  Deno.removeSync(index, { recursive: true });
  assert.equal(find({ a: 1, b: 2 }), undefined);
});

Deno.test("what leads to results that are gone goes, and nothing else", async () => {
  using at = await place();
  const index = `${at.store.folder}/cache/reads`;
  const first = at.keep({ a: 1 }, []);
  const gone = at.keep({ a: 1, b: 1 }, [["b"]]);
  const both = { code: { "stages/make.ts": "both" } };
  const stays = at.keep({ a: 1, b: 1 }, [["a"]], both);
  at.keep({ a: 2, b: 1 }, [["a"]], both);
  const record = (params: Mapping, code: string) => {
    const key = keyOf({ ...material, code: { "stages/make.ts": code }, params });
    return `${at.store.folder}/actions/${key.slice(0, 2)}/${key}.json`;
  };
  const files = () =>
    [...Deno.readDirSync(index)].flatMap(({ name }) => [...Deno.readDirSync(`${index}/${name}`)]);
  assert.equal(files().length, 2 + 2 + 3);
  removeLostReads(at.store);
  assert.equal(files().length, 2 + 2 + 3);
  Deno.removeSync(record({ a: 1, b: 1 }, "1"));
  Deno.removeSync(record({ a: 2, b: 1 }, "both"));
  removeLostReads(at.store);
  assert.equal(files().length, 2 + 2);
  assert.equal([...Deno.readDirSync(index)].length, 2);
  assert.equal(gone({ a: 2, b: 1 }), undefined);
  assert.equal(first({ a: 2 })?.status, "hit");
  assert.equal(stays({ a: 1, b: 2 })?.status, "hit");
});
