/**
 * Small results that share contents, made the way a runner makes them.
 *
 * @module
 */
import { digestValue } from "../../../../runner/store/digest.ts";
import type { ActionRecord, KeyMaterial } from "../../../../runner/plan/record.ts";
import type { Store } from "../../../../runner/store/store.ts";
import { material, record } from "../sample.ts";

/** Key material of the n-th result. */
export function materialOf(n: number): KeyMaterial {
  return { ...material, params: { n } };
}

/** Key of the n-th result. */
export function keyOf(n: number): string {
  return digestValue(materialOf(n));
}

/** Files of the n-th result: one of its own, one that every third shares, one that all share. */
export function filesOf(n: number): Record<string, string> {
  return { "own.txt": `own ${n}`, "third.txt": `third ${n % 3}`, "all.txt": "all" };
}

/** Does what a finished stage does. */
export async function make(store: Store, n: number): Promise<ActionRecord> {
  const out = Deno.makeTempDirSync({ dir: store.folder });
  for (const [name, text] of Object.entries(filesOf(n))) {
    Deno.writeTextFileSync(`${out}/${name}`, text);
  }
  const made: ActionRecord = {
    ...record(await store.ingest(out)),
    key: keyOf(n),
    material: materialOf(n),
    madeBy: { pipeline: "numbers", id: `n${n}` },
    seconds: n,
  };
  store.putRecord(made);
  return made;
}

/** Deno tells the time of last change in seconds. */
const TICK = 1010;

/** Waits until what is made from here on bears another time. */
export async function tick(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, TICK));
}
