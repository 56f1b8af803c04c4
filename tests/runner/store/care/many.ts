/**
 * Results with many small files, that share most of them.
 *
 * @module
 */
import type { ActionRecord } from "../../../../runner/plan/record.ts";
import { lastUses } from "../../../../runner/commands/cache_uses.ts";
import { readHoldings } from "../../../../runner/store/care/holdings.ts";
import { type Packed, packStore } from "../../../../runner/store/care/pack.ts";
import { safeHorizon } from "../../../../runner/store/care/sweep.ts";
import type { Store } from "../../../../runner/store/store.ts";
import { record } from "../sample.ts";
import { keyOf, materialOf } from "./made.ts";

/** So few are the least that are packed. */
export const MANY = 64;

/** Files of the n-th result: one is its own, one is large, the others are those of all. */
export function manyFiles(n: number): Record<string, string> {
  const files: Record<string, string> = { "a/large.txt": "large ".repeat(20_000) };
  for (let i = 1; i < MANY; i++) files[`${"ab"[i % 2]}/${i}.txt`] = `file ${i}`;
  files["b/own.txt"] = `own ${n}`;
  return files;
}

/** Does what a finished stage does. */
export async function makeMany(store: Store, n: number): Promise<ActionRecord> {
  const out = Deno.makeTempDirSync({ dir: store.folder });
  for (const folder of "ab") Deno.mkdirSync(`${out}/${folder}`);
  for (const [name, text] of Object.entries(manyFiles(n))) {
    Deno.writeTextFileSync(`${out}/${name}`, text);
  }
  const made: ActionRecord = {
    ...record(await store.ingest(out)),
    key: keyOf(n),
    material: materialOf(n),
    madeBy: { pipeline: "many", id: `n${n}` },
  };
  store.putRecord(made);
  return made;
}

/** Packs all that no run has used since a time, by itself all. */
export async function packAll(
  store: Store,
  {
    usedBefore = Infinity,
    horizon = safeHorizon(store.folder, store.openedAt ?? 0),
    dryRun = false,
  } = {},
): Promise<Packed> {
  const holdings = [...readHoldings(store.folder, lastUses(store))];
  return await packStore(store, { holdings, usedBefore, horizon, dryRun });
}
