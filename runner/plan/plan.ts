/**
 * Decides for every stage whether its result is stored already, and says why if not.
 *
 * The dry run and the run share this code: `plan` calls {@link planPipeline}; the scheduler calls
 * {@link planInstance}, then {@link reuse}, for each stage as soon as its inputs are known.
 *
 * ```ts
 * using store = Store.open(folder);
 * const context = await createPlanContext({ store, project, pipeline, runtime });
 * const plan = await planPipeline(pipeline, context); // what `plan` prints
 *
 * const known: KnownOutputs = new Map(); // grows while the pipeline runs
 * const planned = planInstance(instance, known, context);
 * if (planned.status === "hit") known.set(instance.id, planned.record.outputs);
 * if (planned.status === "would-run") {
 *   // run it; ingest outputs; store.putRecord({ key: planned.key, material: planned.material, … })
 *   known.set(instance.id, outputs);
 * }
 * store.remember(pipeline.name, keysOfHits); // once, at the end; putRecord does it for the others
 * ```
 *
 * @module
 */
import type { Pipeline, StageInstance } from "../pipeline/instance.ts";
import type { Damage, Store } from "../store/store.ts";
import { listed } from "../ui/format.ts";
import { type CodeDigests, type CodeEntry, readClosures } from "./closure.ts";
import {
  keyMaterial,
  keyOf,
  type KnownOutputs,
  paramsByContent,
  type Runtime,
  unknownProducers,
} from "./key.ts";
import { describeDifference, type Names } from "./reasons.ts";
import type { KeyMaterial, PlannedStage } from "./record.ts";

export type { KnownOutputs, Runtime } from "./key.ts";

/** What planning a pipeline needs to know; made once, good for the whole run. */
export interface PlanContext {
  store: Store;
  /** The pipeline's name: earlier results of its stages are what differences are told against. */
  pipeline: string;
  runtime: Runtime;
  /** Instance id → module or package → digest. */
  code: ReadonlyMap<string, CodeDigests>;
  /** Instance id → key of its last success. */
  history: ReadonlyMap<string, string>;
  /** Ids of instances that run again though they are stored. */
  forced?: ReadonlySet<string>;
  /** Digest of a path outside the store; each is read once, so a run sees one state of it. */
  digestPath(path: string): string;
  /**
   * Looks again at code and outside data after a stage has run. A result made while they changed
   * belongs to no key: it must not be recorded.
   *
   * @returns what changed since the material was gathered, in words; undefined if nothing did
   */
  changedSince?(instance: StageInstance, material: KeyMaterial): Promise<string | undefined>;
}

/**
 * Reads the code of all stages once: one `deno info`, or none if no file has changed.
 *
 * @param options.project absolute path of the project's root; stages are in its folder `stages`
 */
export async function createPlanContext(
  { store, project, pipeline, runtime, forced = new Set() }: {
    store: Store;
    project: string;
    pipeline: Pipeline;
    runtime: Runtime;
    forced?: ReadonlySet<string>;
  },
): Promise<PlanContext> {
  const closures = await readClosures(project, pipeline.stages.map(codeEntry), store);
  const digests = new Map<string, string>();
  return {
    store,
    pipeline: pipeline.name,
    runtime,
    code: new Map(pipeline.stages.map(({ id }, i) => [id, closures[i]])),
    history: store.remembered(pipeline.name),
    forced,
    digestPath(path) {
      const digest = digests.get(path) ?? store.digestPath(path);
      digests.set(path, digest);
      return digest;
    },
    async changedSince(instance, material) {
      const [code] = await readClosures(project, [codeEntry(instance)], store);
      const params = paramsByContent(instance, (path) => store.digestPath(path));
      const now = { ...material, code, params };
      if (keyOf(now) === keyOf(material)) return undefined;
      return describeDifference(material, now, namesOf(instance, store));
    },
  };
}

function codeEntry({ uses, modules }: StageInstance): CodeEntry {
  return { file: `stages/${uses}.ts`, modules };
}

/** Plans all stages in order; what is stored makes the outputs known to the stages behind it. */
export async function planPipeline(
  pipeline: Pipeline,
  context: PlanContext,
): Promise<PlannedStage[]> {
  const known: KnownOutputs = new Map();
  const plan: PlannedStage[] = [];
  for (const instance of pipeline.stages) {
    let planned = planInstance(instance, known, context);
    if (planned.status === "would-run") planned = await reuse(planned, context);
    if (planned.status === "hit") known.set(instance.id, planned.record.outputs);
    plan.push(planned);
  }
  return plan;
}

/**
 * Takes a result of other params for a stage that would run, if it has read only what is the same.
 */
export async function reuse(
  planned: PlannedStage & { status: "would-run" },
  { store, forced }: Pick<PlanContext, "store" | "forced">,
): Promise<PlannedStage & { status: "would-run" | "hit" }> {
  if (forced?.has(planned.instance.id)) return planned;
  // Loaded only where something would run.
  const { findUnread } = await import("./unread.ts");
  return findUnread(planned, store) ?? planned;
}

/**
 * Plans one stage.
 *
 * @returns `unknown` if the outputs of a stage it needs are not in `known`
 */
export function planInstance(
  instance: StageInstance,
  known: KnownOutputs,
  context: PlanContext,
): PlannedStage {
  const code = context.code.get(instance.id);
  if (code === undefined) throw new RangeError(`Cannot plan ${instance.id}: not in the pipeline`);
  const { runtime, digestPath } = context;
  const parts = { code, known, digestPath, runtime };
  const waitsFor = unknownProducers(instance, known);
  if (waitsFor.length > 0) {
    const material = keyMaterial({ ...instance, inputs: {} }, parts);
    const reason = `waits for ${listed(waitsFor)}${ownChanges(instance, material, context)}`;
    return { instance, status: "unknown", waitsFor, material, reason };
  }
  const material = keyMaterial(instance, parts);
  const key = keyOf(material);
  if (context.forced?.has(instance.id)) {
    return { instance, status: "would-run", key, material, reason: "forced to run again" };
  }
  const found = context.store.lookup(key);
  if (found.status === "found") {
    const { record } = found;
    const { pipeline, id } = record.madeBy;
    const same = pipeline === context.pipeline && id === instance.id;
    const reason = same ? "nothing changed" : `same as ${id} of ${pipeline}`;
    return { instance, status: "hit", key, record, reason };
  }
  const reason = found.status === "damaged"
    ? whyDamaged(found.damage)
    : whyNew(instance, key, material, context);
  return { instance, status: "would-run", key, material, reason };
}

function whyDamaged({ what, problem }: Damage): string {
  return `its stored result was damaged: ${what} ${problem}`;
}

/** Compares with the stage's last success, or says that there was none. */
function whyNew(
  instance: StageInstance,
  key: string,
  material: KeyMaterial,
  { history, store }: PlanContext,
): string {
  const last = history.get(instance.id);
  if (last === undefined) return "never run before";
  if (last === key) return "its stored result is gone";
  const earlier = store.peekRecord(last);
  if (earlier === undefined) return "its earlier result is gone, so what changed is not known";
  return describeDifference(earlier.material, material, namesOf(instance, store));
}

/** What has changed of a stage itself, while its inputs are not known. */
function ownChanges(
  instance: StageInstance,
  material: KeyMaterial,
  { history, store }: PlanContext,
): string {
  const last = history.get(instance.id);
  const earlier = last === undefined ? undefined : store.peekRecord(last)?.material;
  if (earlier === undefined) return "";
  const now = { ...material, inputs: earlier.inputs };
  const changes = describeDifference(earlier, now, namesOf(instance, store));
  return changes === "" ? "" : `; ${changes}`;
}

/** What helps to tell what a stage's key and an earlier one differ in. */
export function namesOf(
  { externals, inputs }: StageInstance,
  store: Pick<Store, "peekTree">,
): Names {
  return {
    readTree: (digest) => store.peekTree(digest),
    externals: new Map(externals.map(({ at, path }) => [at.join("."), path])),
    producers: Object.fromEntries(
      Object.entries(inputs).map(([name, refs]) => [name, refs.map(({ id }) => id)]),
    ),
  };
}
