/**
 * Results of other params: a stage whose key is new needs not run if a result is stored of which it
 * read only what is the same now.
 *
 * That is sound because what a stage reads is decided by its code, its inputs and what it has read
 * before. An index in the store's cache leads to such results. It only leads there: whether one fits
 * is decided by its record, so a lost or broken index costs a run and nothing else.
 *
 * ```
 * cache/reads/<all but params>/sets        the lists of paths that were read, as JSON
 * cache/reads/<all but params>/<digest>    the key of a result, by what was read
 * ```
 *
 * @module
 */
import { digestValue } from "../store/digest.ts";
import type { Store } from "../store/store.ts";
import { listed } from "../ui/format.ts";
import { paramDifferences } from "./differences.ts";
import { keyOf } from "./key.ts";
import type { ActionRecord, KeyMaterial, PlannedStage, ReadParams } from "./record.ts";

type Missing = Extract<PlannedStage, { status: "would-run" }>;
type Hit = Extract<PlannedStage, { status: "hit" }>;

/** Makes a result that was stored findable for other params that its stage has not read. */
export function noteReads(
  store: Pick<Store, "readCache" | "writeCache">,
  { key, material, readParams }: ActionRecord,
): void {
  if (readParams === undefined) return;
  const place = placeOf(material);
  const sets = readSets(store, place);
  if (!sets.some((set) => JSON.stringify(set) === JSON.stringify(readParams))) {
    store.writeCache(`${place}/sets`, JSON.stringify([...sets, readParams]));
  }
  const name = `${place}/${digestValue(whatStands(material.params, readParams))}`;
  if (store.readCache(name) !== key) store.writeCache(name, key);
}

/**
 * Looks for a result of other params. It is kept under the stage's own key, so that it need not be
 * looked for again, and is from then on a result like any other.
 */
export function findUnread(
  { instance, key, material }: Pick<Missing, "instance" | "key" | "material">,
  store: Pick<Store, "readCache" | "writeCache" | "lookup" | "keepRecord">,
): Hit | undefined {
  const place = placeOf(material);
  for (const set of readSets(store, place)) {
    const other = store.readCache(`${place}/${digestValue(whatStands(material.params, set))}`);
    if (other === undefined || other === key) continue;
    const found = store.lookup(other);
    if (found.status !== "found" || !fits(found.record, material)) continue;
    const before = found.record;
    const record: ActionRecord = {
      ...before,
      key,
      material,
      ranAs: before.ranAs ?? { key: before.key, params: before.material.params },
    };
    if (store.keepRecord(record)) noteReads(store, record);
    const names = paramDifferences(before.material.params, material.params)
      .map(({ name }) => `params.${name}`);
    const values = names.length === 1 ? "another value" : "other values";
    const reason = `stored result of ${values} of ${listed(names)}, which it did not read`;
    return { instance, status: "hit", key, record, reason, storedAs: before.key };
  }
  return undefined;
}

/** Whether a result would be the same with these params, as far as its stage has read them. */
export function fits({ material, readParams }: ActionRecord, now: KeyMaterial): boolean {
  return readParams !== undefined && placeOf(material) === placeOf(now) &&
    digestValue(whatStands(material.params, readParams)) ===
      digestValue(whatStands(now.params, readParams));
}

/** Where results of the same code, inputs and runtime are, whatever their params. */
function placeOf(material: KeyMaterial): string {
  return `reads/${keyOf({ ...material, params: {} })}`;
}

function readSets(store: Pick<Store, "readCache">, place: string): ReadParams[] {
  return JSON.parse(store.readCache(`${place}/sets`) ?? "[]");
}

/** What was found at each path: the keys of a mapping, the value of everything else. */
function whatStands(params: Record<string, unknown>, paths: ReadParams): unknown[] {
  return [[], ...paths].map((path) => [path, lookAt(params, path)]);
}

function lookAt(params: Record<string, unknown>, path: string[]): unknown {
  let here: unknown = params;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return {};
    here = Reflect.get(here, step);
  }
  if (here === undefined) return {};
  return isMapping(here) ? { keys: keysOf(here) } : { value: here };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Those that JSON keeps: the stage's process got no others. */
function keysOf(mapping: Record<string, unknown>): string[] {
  return Object.keys(mapping).filter((key) => mapping[key] !== undefined).sort();
}
