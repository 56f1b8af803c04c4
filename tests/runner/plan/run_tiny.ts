/**
 * A scheduler in a few lines: runs a pipeline one stage after the other, without processes.
 *
 * @module
 */
import type { Pipeline, StageInstance } from "../../../runner/pipeline/instance.ts";
import { type KnownOutputs, type PlanContext, planInstance } from "../../../runner/plan/plan.ts";
import type { PlannedStage } from "../../../runner/plan/record.ts";

/**
 * Runs what is not stored; each stage makes one file.
 *
 * @param make the file's text, by default all that the stage's key is made of
 * @returns each stage's plan when its turn came
 */
export async function runTiny(
  pipeline: Pipeline,
  context: PlanContext,
  make?: (instance: StageInstance) => string,
): Promise<PlannedStage[]> {
  const { store } = context;
  const known: KnownOutputs = new Map();
  const keys = new Map<string, string>();
  const done: PlannedStage[] = [];
  for (const instance of pipeline.stages) {
    const planned = planInstance(instance, known, context);
    done.push(planned);
    if (planned.status === "unknown") throw new RangeError(`${instance.id} ${planned.reason}`);
    keys.set(instance.id, planned.key);
    if (planned.status === "hit") {
      known.set(instance.id, planned.record.outputs);
      continue;
    }
    const { key, material } = planned;
    const { out } = store.work(key);
    Deno.mkdirSync(out, { recursive: true });
    Deno.writeTextFileSync(`${out}/made.txt`, make?.(instance) ?? JSON.stringify(material));
    const outputs = { made: await store.ingest(out) };
    store.putRecord({
      key,
      material,
      outputs,
      metrics: {},
      tables: [],
      curves: {},
      madeBy: { pipeline: pipeline.name, id: instance.id },
      startedAt: "2026-01-01T00:00:00.000Z",
      seconds: 0,
      host: { name: "here", cpu: "any", os: "linux" },
      log: "",
    });
    known.set(instance.id, outputs);
  }
  store.remember(pipeline.name, keys);
  return done;
}
