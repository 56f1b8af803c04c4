/**
 * Action records as text that shows whether it is whole.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";
import { digestBytes } from "./digest.ts";

const START = `{"sha256":"`;
const MIDDLE = `","record":`;
const END = "}\n";

const NO_METRICS: ActionRecord["metrics"] = Object.freeze({});
const NO_TABLES: ActionRecord["tables"] = [];
Object.freeze(NO_TABLES);

/** Returns JSON with the record and its digest. */
export function encodeRecord(record: ActionRecord): string {
  const body = JSON.stringify(record);
  return START + digestBytes(body) + MIDDLE + body + END;
}

/** Returns the record, or undefined if the text is not what {@link encodeRecord} made for the key. */
export function decodeRecord(text: string, key: string): ActionRecord | undefined {
  const body = text.slice(START.length + 64 + MIDDLE.length, -END.length);
  if (text !== START + digestBytes(body) + MIDDLE + body + END) return undefined;
  const record: ActionRecord = JSON.parse(body);
  return record.key === key ? record : undefined;
}

/** Has records without metrics and tables share that there are none: a run keeps these of each stage. */
export function shareNothing(record: ActionRecord): ActionRecord {
  if (Object.keys(record.metrics).length === 0) record.metrics = NO_METRICS;
  if (record.tables.length === 0) record.tables = NO_TABLES;
  return record;
}
