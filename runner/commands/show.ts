/**
 * `show`: where a stored folder comes from, down to what came from outside.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { EarlierRecords } from "../explain/earlier_records.ts";
import {
  type Artifact,
  type ArtifactName,
  findInRun,
  findInStore,
  findPort,
  readArtifactName,
} from "../explain/find_artifact.ts";
import { traceProvenance } from "../explain/provenance.ts";
import { renderProvenance } from "../explain/provenance_text.ts";
import { planPipeline } from "../plan/plan.ts";
import { lookIntoStore } from "./look.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/** Options of `show`. */
export interface ShowOptions extends PlanOptions {
  /** List every module. */
  code?: boolean;
}

/**
 * Traces and prints.
 *
 * @param text a digest, a path, `RUN:STAGE.OUTPUT` or `FILE:STAGE.OUTPUT`
 * @returns the exit code
 */
export async function showCommand(
  text: string,
  options: ShowOptions,
  surroundings: Surroundings,
): Promise<number> {
  const store = lookIntoStore(surroundings.root, options);
  const records = new EarlierRecords(store);
  const name = readArtifactName(text);
  const artifact = name === undefined
    ? findInStore(store, records, text)
    : name.isFile
    ? await findInPlan(name, options, surroundings)
    : findInRun(store, name);
  const provenance = traceProvenance(artifact, records, artifact.preferred);
  print(
    options.json
      ? JSON.stringify(provenance, null, 2) + "\n"
      : renderProvenance(provenance, { code: options.code ?? false }, surroundings.colors),
  );
  return 0;
}

/** What a pipeline has in the store now, with the params that are given. */
async function findInPlan(
  { of: file, port }: ArtifactName,
  options: ShowOptions,
  surroundings: Surroundings,
): Promise<Artifact> {
  const { pipeline, context } = await openSession(file, options, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const planned = planPipeline(pipeline, context);
  const stages = planned.flatMap((each) => {
    const { id, aliases, contract } = each.instance;
    const record = each.status === "hit" ? each.record : undefined;
    const nothing = Object.fromEntries(Object.keys(contract.outputs).map((name) => [name, ""]));
    const outputs = record?.outputs ?? nothing;
    return [id, ...aliases].map((id) => ({ id, record, outputs, reason: each.reason }));
  });
  const { id, record, output, reason } = findPort(stages, port, file);
  if (record === undefined) {
    throw new UserError({
      message: `${port} of ${file} is not in the store: ${reason}`,
      notes: [`deno task run ${file} --until ${id} makes it`],
    });
  }
  const keys = planned.flatMap((each) => each.status === "hit" ? [each.key] : []);
  return { record, output, preferred: new Set(keys) };
}
