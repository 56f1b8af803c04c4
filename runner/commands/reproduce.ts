/**
 * `reproduce`: can the results of a past run still be had? Says what is different now, runs the same
 * once more, and compares.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { selectStages } from "../pipeline/select.ts";
import { planPipeline } from "../plan/plan.ts";
import { renderChanges, summary, tellChange } from "../runs/changes_text.ts";
import { compareResults } from "../runs/compare_results.ts";
import { isReproduced, renderReproduced } from "../runs/reproduced_text.ts";
import {
  findChanges,
  isChanged,
  isUnchanged,
  namesOfStage,
  type RunChanges,
  type StageChange,
} from "../runs/run_changes.ts";
import { fileOfRun, optionsOfRun } from "../runs/run_options.ts";
import { isDone, type RunRecord } from "../runs/run_record.ts";
import { selectRun } from "../runs/select_run.ts";
import { copyResult } from "../store/copy_result.ts";
import { Store } from "../store/store.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";
import {
  type Backend,
  BACKENDS,
  print,
  printError,
  type RunCommandOptions,
  storeFolder,
  type Surroundings,
} from "./options.ts";
import { runOnce } from "./run.ts";
import { openSession, type Session } from "./session.ts";

/** Options of `reproduce`. */
export interface ReproduceOptions extends StoreOption {
  /** Only say what is different. */
  check?: boolean;
  /** Run though something is different. */
  anyway?: boolean;
  /** Execute every stage, beside the store. */
  again?: boolean;
  /** With `again`: only these; what they need must be stored. */
  stage?: string[];
  jobs?: number;
}

/**
 * Looks, runs and compares.
 *
 * @param name as `selectRun` takes it
 * @returns the exit code: 0 the same, 1 not
 * @throws {UserError} if something is different now and nobody said that it may be
 */
export async function reproduceCommand(
  name: string,
  options: ReproduceOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { root, colors } = surroundings;
  const run = selectRun(lookIntoStore(root, options), name);
  refuseWithoutKeys(run);
  const ids = selectStages(run.stages, options.stage ?? [], "--stage");
  const file = fileOfRun(run, root);
  const repeated: RunCommandOptions = {
    ...optionsOfRun(run),
    ...(options.store !== undefined && { store: options.store }),
    ...(options.jobs !== undefined && { jobs: options.jobs }),
    backend: backendOf(run),
    json: options.json ?? false,
  };
  const session = await openSession(file, { ...repeated, ...wanted(options) }, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  using store = session.store;
  const { pipeline, context } = session;
  const looked = ids.size === 0 ? run : onlyOf(run, pipeline.stages.flatMap(namesOfStage));
  const changes = findChanges(looked, pipeline, context);
  const tell = options.json ? printError : print;
  if (!options.check && !options.anyway && !isUnchanged(changes)) throw refusal(name, changes);
  tell(renderChanges(changes, colors));
  if (options.check) {
    if (options.json) print(JSON.stringify(changes, null, 2) + "\n");
    return isUnchanged(changes) ? 0 : 1;
  }

  using scratch = options.again ? await openScratch(session, options, surroundings) : undefined;
  const place = scratch === undefined ? {} : { store: scratch.folder };
  const part = { ...partOf(changes, repeated), ...wanted(options) };
  const { exitCode, result } = await runOnce(
    file,
    { ...repeated, ...place, ...part },
    surroundings,
    () => {},
  );
  if (exitCode > 1) return exitCode; // interrupted
  const fresh = Store.open(scratch?.folder ?? store.folder, { write: false });
  const compared = compareResults(
    ids.size === 0 ? run : onlyOf(run, [...ids]),
    result.stages,
    (digest) => store.peekTree(digest) ?? fresh.peekTree(digest),
  );
  tell(`\n${renderReproduced(`Run ${run.id}, then and now`, compared, colors)}`);
  if (options.json) print(JSON.stringify({ ...changes, results: compared }, null, 2) + "\n");
  return exitCode === 0 && isReproduced(compared) ? 0 : 1;
}

/** What of the pipeline is looked at: with `--stage` these stages, else what the run was of. */
function wanted({ stage }: ReproduceOptions): Pick<RunCommandOptions, "only" | "until"> {
  return stage === undefined ? {} : { only: stage, until: [] };
}

/** Leaves out stages that the pipeline did not have then. */
function partOf({ stages }: RunChanges, { only }: RunCommandOptions): { until?: string[] } {
  if (only !== undefined || !stages.some(({ status }) => status === "new")) return {};
  const isThere = ({ status }: StageChange) => status !== "new" && status !== "gone";
  return { until: stages.filter(isThere).map(({ id }) => id) };
}

/** The run with those of its stages that have one of these names. */
function onlyOf(run: RunRecord, names: string[]): RunRecord {
  const stages = run.stages.filter((stage) => namesOfStage(stage).some((id) => names.includes(id)));
  return { ...run, stages };
}

function refuseWithoutKeys({ id, file, status, stages }: RunRecord): void {
  if (stages.some(isDone) && stages.some(({ key }) => key !== null)) return;
  throw new UserError({
    message: status === "running"
      ? `run ${id} has not ended yet`
      : `run ${id} made nothing that could be compared: it was ${status}`,
    notes: [`deno task run ${file} goes on from what is stored`],
  });
}

/** That of the run, so that it is no other backend just because a better one is here now. */
function backendOf({ runtime }: RunRecord): Backend {
  return BACKENDS.find((name) => name === runtime.backend) ?? "auto";
}

/** So many stages are told of in the refusal. */
const TOLD = 4;

function refusal(name: string, changes: RunChanges): UserError {
  const changed = changes.stages.filter(isChanged);
  const rest = changed.length - TOLD;
  return new UserError({
    message: `run ${changes.run} cannot be had as it was: ${summary(changes)}`,
    notes: [
      ...changed.slice(0, TOLD).map((stage) => `${stage.id}: ${tellChange(stage).join("; ")}`),
      ...(rest > 0 ? [`and ${rest} more`] : []),
      `deno task reproduce ${name} --check says all of it`,
      `deno task reproduce ${name} --anyway runs what is there now, and compares`,
    ],
  });
}

/** A store of its own, gone in the end; for `--stage` it has what these stages need. */
async function openScratch(
  { pipeline, context, store }: Session,
  { stage }: ReproduceOptions,
  { root }: Surroundings,
): Promise<{ folder: string } & Disposable> {
  const home = Store.open(storeFolder(root, store.folder));
  const folder = home.temporary();
  const scratch = { folder, [Symbol.dispose]: () => home.close() };
  if (stage === undefined) return scratch;
  try {
    const ids = selectStages(pipeline.stages, stage, "--stage");
    const needs = pipeline.stages.filter(({ id }) => !ids.has(id)); // checked: they are stored
    const planned = await planPipeline({ ...pipeline, stages: needs }, context);
    using target = Store.open(folder);
    for (const each of planned) {
      if (each.status !== "hit") continue;
      await home.unpack(Object.values(each.record.outputs));
      copyResult(each.record, home, target);
    }
    return scratch;
  } catch (error) {
    home.close();
    throw error;
  }
}
