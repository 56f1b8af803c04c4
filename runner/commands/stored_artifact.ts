/**
 * A stored folder by any of the names that people may give it.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import type { EarlierRecords } from "../explain/earlier_records.ts";
import {
  type Artifact,
  type ArtifactName,
  findEnd,
  findInRun,
  findInStore,
  findPort,
  findTagged,
  readArtifactName,
} from "../explain/find_artifact.ts";
import { planPipeline } from "../plan/plan.ts";
import { isRunName } from "../runs/select_run.ts";
import type { ActionRecord, PlannedStage } from "../plan/record.ts";
import type { Store } from "../store/store.ts";
import { type PlanOptions, printError, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/**
 * Finds an output.
 *
 * @param text a digest, a path, `RUN:STAGE.OUTPUT`, `FILE:STAGE.OUTPUT`, a tag, or a run for its end
 * @throws {UserError} if there is none, several fit, or it is gone
 */
export async function storedArtifact(
  text: string,
  { store, records }: { store: Store; records: EarlierRecords },
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<Artifact> {
  const name = readArtifactName(text);
  if (name !== undefined) {
    return name.isFile ? await findInPlan(name, options, surroundings) : findInRun(store, name);
  }
  return findTagged(store, text) ??
    (isRunName(store, text) ? findEnd(store, text, text) : findInStore(store, records, text));
}

/** A stage of a pipeline with what is stored of it now. */
export interface StoredStage {
  id: string;
  /** Undefined if nothing is. */
  record: ActionRecord | undefined;
  /** Output → digest, empty texts if nothing is stored. */
  outputs: Record<string, string>;
  /** Why it would run, or that it is stored. */
  reason: string;
}

/** What a pipeline has in the store now, with the params that are given; also under other names. */
export async function storedStages(
  file: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<StoredStage[]> {
  const { pipeline, context } = await openSession(file, options, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const planned = await planPipeline(pipeline, context);
  return planned.flatMap((each) => {
    const { id, aliases, contract } = each.instance;
    const record = each.status === "hit" ? asStored(each, context.store) : undefined;
    const nothing = Object.fromEntries(Object.keys(contract.outputs).map((name) => [name, ""]));
    const outputs = record?.outputs ?? nothing;
    return [id, ...aliases].map((id) => ({ id, record, outputs, reason: each.reason }));
  });
}

/** What was only found, and not kept under its own key, is shown as it was run. */
function asStored(
  { record, storedAs }: PlannedStage & { status: "hit" },
  store: Pick<Store, "peekRecord">,
): ActionRecord {
  return storedAs === undefined ? record : store.peekRecord(storedAs) ?? record;
}

async function findInPlan(
  { of: file, port }: ArtifactName,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<Artifact> {
  const stages = await storedStages(file, options, surroundings);
  const { id, record, output, reason } = findPort(stages, port, file);
  if (record === undefined) {
    throw new UserError({
      message: `${port} of ${file} is not in the store: ${reason}`,
      notes: [`deno task run ${file} --until ${id} makes it`],
    });
  }
  return { record, output, preferred: new Set(stages.flatMap(({ record }) => record?.key ?? [])) };
}
