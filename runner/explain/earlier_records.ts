/**
 * Finds the earlier result that a stage is best compared with.
 *
 * @module
 */
import { findDifferences } from "../plan/differences.ts";
import type { ActionRecord, KeyMaterial } from "../plan/record.ts";
import type { Store } from "../store/store.ts";

/** Why a record was chosen: the stage's last result, one before that, or just a similar one. */
export type Kinship = "last" | "earlier" | "similar";

/** A record to compare with. */
export interface Earlier {
  record: ActionRecord;
  kinship: Kinship;
}

/** The stage that a record is wanted for. */
export interface Wanted {
  pipeline: string;
  id: string;
  /** Its key now, which is not an earlier one; undefined if it is not known yet. */
  key: string | undefined;
  material: KeyMaterial;
  /** Key of its last success. */
  last: string | undefined;
}

/** The records of a store, read once and only if they are asked for. */
export class EarlierRecords {
  #all: ActionRecord[] | undefined;

  constructor(readonly store: Pick<Store, "records" | "peekRecord">) {}

  /** All records, oldest first. */
  get all(): ActionRecord[] {
    this.#all ??= [...this.store.records()].sort((a, b) => a.startedAt < b.startedAt ? -1 : 1);
    return this.#all;
  }

  /**
   * The last success of the stage; else its last result that another key has; else, of all results of
   * its kind, the newest of those that differ in the fewest fields.
   */
  nearest({ pipeline, id, key, material, last }: Wanted): Earlier | undefined {
    const record = last === undefined || last === key ? undefined : this.store.peekRecord(last);
    if (record) return { record, kinship: "last" };
    const others = this.all.filter((each) => each.key !== key);
    const own = others.findLast(({ madeBy }) => madeBy.pipeline === pipeline && madeBy.id === id);
    if (own) return { record: own, kinship: "earlier" };
    let similar: ActionRecord | undefined;
    let fewest = Infinity;
    for (const each of others) {
      if (each.material.stage.name !== material.stage.name) continue;
      const { length } = findDifferences(each.material, material);
      if (length <= fewest) [similar, fewest] = [each, length];
    }
    return similar && { record: similar, kinship: "similar" };
  }

  /** The results that have made a folder, oldest first. */
  makersOf(digest: string): ActionRecord[] {
    return this.all.filter(({ outputs }) => Object.values(outputs).includes(digest));
  }
}
