/**
 * Fills a store with the results of the trivial stages without starting a process for each:
 * `deno run -A benchmarks/runners/seed.ts FOLDER`. What is stored is what a run would store.
 *
 * @module
 */
import { join } from "node:path";
import { openSession } from "../../runner/commands/session.ts";
import type { Surroundings } from "../../runner/commands/options.ts";
import { planInstance } from "../../runner/plan/plan.ts";
import type { KnownOutputs } from "../../runner/plan/key.ts";

/** Runs the pipeline `copies.yaml` of a project. @param store where results are kept */
export async function seed(project: string, store: string): Promise<void> {
  const root = Deno.realPathSync(project);
  const surroundings: Pick<Surroundings, "root"> = { root };
  const session = await openSession(
    join(root, "copies.yaml"),
    { backend: "auto", store },
    { ...surroundings, colors: undefined as never, tensors: () => Promise.reject() },
    { write: true, onDamage: (text) => console.error(text) },
  );
  using kept = session.store;
  const known: KnownOutputs = new Map();
  for (const instance of session.pipeline.stages) {
    const planned = planInstance(instance, known, session.context);
    if (planned.status === "hit") {
      known.set(instance.id, planned.record.outputs);
      continue;
    }
    if (planned.status !== "would-run") throw new Error(`Cannot run ${instance.id}`);
    const out = kept.work(planned.key).out;
    Deno.mkdirSync(out, { recursive: true });
    Deno.copyFileSync(instance.externals[0].path, join(out, "text.txt"));
    const tree = await kept.ingest(out);
    kept.putRecord({
      key: planned.key,
      material: planned.material,
      outputs: { text: tree },
      metrics: {},
      tables: [],
      curves: {},
      madeBy: { pipeline: "copies", id: instance.id },
      startedAt: new Date().toISOString(),
      seconds: 0.1,
      host: { name: "seed", cpu: "", os: "" },
      log: tree,
    });
    Deno.removeSync(kept.work(planned.key).folder, { recursive: true });
    known.set(instance.id, { text: tree });
  }
}

if (import.meta.main) await seed(Deno.args[0], Deno.args[1] ?? join(Deno.args[0], ".store"));
