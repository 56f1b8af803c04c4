/**
 * `tensorboard`: writes what stored stages have reported as event files of TensorBoard.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import type { ActionRecord } from "../plan/record.ts";
import { planPipeline } from "../plan/plan.ts";
import { selectRun } from "../runs/select_run.ts";
import { stageEvents } from "../tensorboard/stage_events.ts";
import { count } from "../ui/format.ts";
import { lookIntoStore } from "./look.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/** Stages by id; of one that is not stored there is no record. */
type Records = [id: string, record: ActionRecord | undefined][];

/**
 * Writes a folder for each stage that is stored and has reported curves or metrics. What is there of
 * the same stages is replaced.
 *
 * @param source a pipeline file, for what its params lead to now; or a past run
 * @param folder where to
 * @returns the exit code
 */
export async function tensorboardCommand(
  source: string,
  folder: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<number> {
  const records = /\.ya?ml$/.test(source)
    ? await recordsOfPipeline(source, options, surroundings)
    : recordsOfRun(source, options, surroundings);
  const target = resolve(folder);
  const stages = records.flatMap(([id, record]) => {
    const file = record && writeEvents(join(target, id), record);
    return file === undefined ? [] : [{ id, file }];
  });
  const missing = records.filter(([, record]) => record === undefined).length;
  if (options.json) {
    print(JSON.stringify({ folder: target, stages, notStored: missing }, null, 2) + "\n");
    return 0;
  }
  const here = relative(Deno.cwd(), target);
  const short = here.startsWith("..") ? target : here || ".";
  const left = missing === 0 ? "" : `; ${count(missing, "stage")} not stored`;
  print(`Wrote curves and metrics of ${count(stages.length, "stage")} to ${short}${left}\n`);
  if (stages.length > 0) print(`  tensorboard --logdir ${short}\n`);
  return 0;
}

async function recordsOfPipeline(
  file: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<Records> {
  const { pipeline, context } = await openSession(file, options, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const plan = await planPipeline(pipeline, context);
  return plan.map((planned) => [
    planned.instance.id,
    planned.status === "hit" ? planned.record : undefined,
  ]);
}

function recordsOfRun(name: string, options: PlanOptions, { root }: Surroundings): Records {
  const store = lookIntoStore(root, options);
  return selectRun(store, name).stages.map(({ id, key, status }) => {
    const isMade = key !== null && (status === "ran" || status === "hit");
    return [id, isMade ? store.peekRecord(key) : undefined];
  });
}

/** @returns the file's path; undefined if there is nothing to write */
function writeEvents(folder: string, record: ActionRecord): string | undefined {
  const events = stageEvents(record);
  if (!events) return undefined;
  Deno.mkdirSync(folder, { recursive: true });
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (isFile && name.startsWith("events.out.tfevents.")) Deno.removeSync(join(folder, name));
  }
  const path = join(folder, events.name);
  Deno.writeFileSync(path, events.bytes);
  return path;
}
