/**
 * `tensorboard`: writes what stored stages have reported as event files of TensorBoard.
 *
 * @module
 */
import { join, relative, resolve } from "node:path";
import { planPipeline } from "../plan/plan.ts";
import { stageEvents } from "../tensorboard/stage_events.ts";
import { count } from "../ui/format.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/**
 * Writes a folder for each stage that is stored and has reported curves or metrics. What is there of
 * the same stages is replaced.
 *
 * @param folder where to
 * @returns the exit code
 */
export async function tensorboardCommand(
  file: string,
  folder: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { pipeline, context } = await openSession(file, options, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const target = resolve(folder);
  const stages: { id: string; file: string }[] = [];
  let missing = 0;
  for (const planned of planPipeline(pipeline, context)) {
    if (planned.status !== "hit") {
      missing++;
      continue;
    }
    const { id } = planned.instance;
    const events = stageEvents(planned.record);
    if (!events) continue;
    const home = join(target, id);
    Deno.mkdirSync(home, { recursive: true });
    for (const { name, isFile } of Deno.readDirSync(home)) {
      if (isFile && name.startsWith("events.out.tfevents.")) Deno.removeSync(join(home, name));
    }
    const path = join(home, events.name);
    Deno.writeFileSync(path, events.bytes);
    stages.push({ id, file: path });
  }
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
