/**
 * Runs by the names that people give them: an id, the beginning of one, `last`, `last~1`, a tag.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { didYouMean } from "../nearest.ts";
import type { Store } from "../store/store.ts";
import { readTag, tagNames } from "../store/tags.ts";
import { count } from "../ui/format.ts";
import { readRunRecord, type RunRecord } from "./run_record.ts";

/** What selecting needs of a store. */
export type RunStore = Pick<Store, "folder" | "runIds" | "readRun" | "readOpenRun">;

/** So many runs are proposed. */
const PROPOSED = 5;

/** Returns all runs that can be read, newest first, each read when its turn comes. */
export function* newestRuns(store: RunStore): Generator<RunRecord> {
  for (const id of store.runIds().reverse()) {
    const record = readRunRecord(store, id);
    if (record) yield record;
  }
}

/**
 * Finds a run.
 *
 * @param name an id, the beginning of just one, or `last`, the last that has ended, `last~1` (the one
 *   before), …, or a tag of a run
 * @throws {UserError} if there is none, or more than one
 */
export function selectRun(store: RunStore, name: string): RunRecord {
  const tag = readTag(store.folder, name);
  if (tag !== undefined && !("run" in tag.names)) {
    throw new UserError({
      message: `the tag "${name}" names a result, not a run`,
      notes: [`deno task show ${name} says where it comes from`],
    });
  }
  return findRun(store, tag !== undefined && "run" in tag.names ? tag.names.run : name);
}

/** Whether a word that names a run or a stored folder names a run. */
export function isRunName(store: Pick<RunStore, "runIds">, name: string): boolean {
  return /^last(~\d+)?$/.test(name) ||
    (/^\d{8}/.test(name) && store.runIds().some((id) => id.startsWith(name)));
}

function findRun(store: RunStore, name: string): RunRecord {
  const ids = store.runIds();
  if (ids.length === 0) {
    throw new UserError({
      message: `there is no run "${name}": nothing was run yet in the store ${store.folder}`,
      notes: ["deno task run FILE makes one; another store is named with --store FOLDER"],
    });
  }
  const back = /^last(?:~(\d+))?$/.exec(name);
  if (back) {
    const steps = Number(back[1] ?? 0);
    const ended = () => newestRuns(store).filter(({ status }) => status !== "running");
    const found = ended().drop(steps).next().value;
    if (found) return found;
    const all = [...ended()];
    const oldest = all.at(-1);
    if (oldest === undefined) {
      throw new UserError(`there is no run "${name}": no run has ended yet`);
    }
    throw new UserError({
      message: `there is no run "${name}": the store has ${count(all.length, "run")}`,
      notes: [`the oldest is last~${all.length - 1}, ${oldest.id}`],
    });
  }
  const fitting = name === "" ? [] : ids.filter((id) => id.startsWith(name));
  if (fitting.length > 1) {
    throw new UserError({
      message: `"${name}" is the beginning of ${fitting.length} runs`,
      notes: proposals(store, fitting),
    });
  }
  const [id] = fitting;
  if (id === undefined) {
    const hint = didYouMean(name, ["last", ...tagNames(store.folder), ...ids]);
    throw new UserError({
      message: `there is no run "${name}"`,
      ...(hint === undefined ? {} : { hint }),
      notes: [
        "expected last, last~1, …, a tag, or the id of a run, or its beginning:",
        ...proposals(store, ids),
      ],
    });
  }
  const found = readRunRecord(store, id);
  if (found) return found;
  throw new UserError({
    message: `Cannot read the run ${id}: its manifest was changed, or another version wrote it`,
    notes: [`look at ${store.folder}/runs/${id}.json`],
  });
}

/** The newest of them, one a line, with what was run. */
function proposals(store: RunStore, ids: string[]): string[] {
  const shown = ids.slice(-PROPOSED).reverse().map((id) => {
    const record = readRunRecord(store, id);
    return record ? `${id}  ${record.file}` : id;
  });
  const rest = ids.length - shown.length;
  return rest > 0 ? [...shown, `and ${rest} more: deno task runs shows them`] : shown;
}
