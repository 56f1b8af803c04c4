/**
 * All action records of a store, for what looks for one without knowing its key.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";
import { namesIn, readIfThere } from "./files.ts";
import { decodeRecord } from "./records.ts";

/** Reads them one by one, in the order of their keys; broken ones are left out. @param folder `actions` */
export function* listRecords(folder: string): Generator<ActionRecord> {
  for (const group of namesIn(folder)) {
    for (const name of namesIn(`${folder}/${group}`)) {
      const key = name.replace(/\.json$/, "");
      const text = key === name ? undefined : readIfThere(`${folder}/${group}/${name}`);
      const record = text === undefined ? undefined : decodeRecord(text, key);
      if (record) yield record;
    }
  }
}
