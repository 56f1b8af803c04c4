/**
 * A small action and its result, for tests of the store.
 *
 * @module
 */
import { digestValue } from "../../../runner/store/digest.ts";
import type { ActionRecord, KeyMaterial } from "../../../runner/plan/record.ts";
import type { Store } from "../../../runner/store/store.ts";

/** Key material of a stage without inputs. */
export const material: KeyMaterial = {
  format: 1,
  stage: { name: "make", version: 1 },
  code: { "stages/make.ts": "c0de" },
  params: { n: 1 },
  inputs: {},
  runtime: {},
};

/** Its key. */
export const key = digestValue(material);

/** A record with this output tree. */
export function record(tree: string): ActionRecord {
  return {
    key,
    material,
    outputs: { made: tree },
    metrics: { AP: 47.5 },
    tables: [],
    curves: { loss: [[1, 0.5]] },
    madeBy: { pipeline: "tiny", id: "make" },
    startedAt: "2026-01-01T00:00:00.000Z",
    seconds: 1.5,
    host: { name: "here", cpu: "any", os: "linux" },
    log: "10c",
  };
}

/** Files of the result. */
export const files = { "a.txt": "alpha", "deep/b.txt": "beta", "deep/same.txt": "alpha" };

/** Does what a finished stage does: writes, ingests, records. @returns the tree's digest */
export async function finish(store: Store): Promise<string> {
  const { out } = store.work(key);
  Deno.mkdirSync(`${out}/deep`, { recursive: true });
  for (const [name, text] of Object.entries(files)) Deno.writeTextFileSync(`${out}/${name}`, text);
  const tree = await store.ingest(out, "output made");
  store.putRecord(record(tree));
  return tree;
}
