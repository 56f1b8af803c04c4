/**
 * The results behind a name that a person gives: those of a run, or that of a stored folder, and all
 * that led to them.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import type { EarlierRecords } from "../explain/earlier_records.ts";
import { traceResults } from "../explain/provenance.ts";
import { isRunName, selectRun } from "../runs/select_run.ts";
import type { Store } from "../store/store.ts";
import { readTag, type Tagged } from "../store/tags.ts";
import { keysOf } from "./cache_uses.ts";
import type { PlanOptions, Surroundings } from "./options.ts";
import { storedArtifact } from "./stored_artifact.ts";

/** What a name means. */
export interface Named {
  what: Tagged;
  /** Keys of the results. */
  keys: string[];
}

/**
 * Finds a run or a stored folder.
 *
 * @param text a run, or what {@link storedArtifact} takes
 * @throws {UserError} if there is none, or nothing of it is stored
 */
export async function namedResults(
  text: string,
  { store, records }: { store: Store; records: EarlierRecords },
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<Named> {
  const tag = readTag(store.folder, text);
  if (tag !== undefined) return { what: tag.names, keys: tag.keys };
  if (isRunName(store, text)) return resultsOfRun(text, store, records);
  const { record, output, preferred } = await storedArtifact(
    text,
    { store, records },
    options,
    surroundings,
  );
  return {
    what: { key: record.key, output },
    keys: Object.keys(traceResults([record], records, preferred)),
  };
}

function resultsOfRun(text: string, store: Store, records: EarlierRecords): Named {
  const run = selectRun(store, text);
  const own = keysOf(run);
  const made = own.flatMap((key) => store.peekRecord(key) ?? []);
  if (made.length === 0) {
    throw new UserError({
      message: run.status === "running"
        ? `run ${run.id} has not ended yet`
        : `nothing that run ${run.id} has made is stored`,
      notes: [`deno task run ${run.file} makes what is not there`],
    });
  }
  // A run of some of the stages has inputs that it did not make.
  const led = Object.keys(traceResults(made, records, new Set(own)));
  return { what: { run: run.id }, keys: [...new Set([...own, ...led])] };
}
