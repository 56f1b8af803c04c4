/**
 * Lays out what one stage needs: inputs, empty outputs, the request, permissions.
 *
 * @module
 */
import { join } from "node:path";
import type { Resources, StageInstance } from "../pipeline/instance.ts";
import type { KnownOutputs } from "../plan/plan.ts";
import type { PlannedStage } from "../plan/record.ts";
import type { Claim } from "../store/claims.ts";
import type { Store, WorkFolder } from "../store/store.ts";
import type { Interruption } from "./attempt.ts";
import type { Executor, Job } from "./executor.ts";
import { gpuEnvironment } from "./gpus.ts";
import { findEscape } from "./links.ts";
import type { Holding } from "./resources.ts";
import type { RunEvent } from "./run_event.ts";
import type { StageRequest } from "./request.ts";
import { environment, permissionFlags, type RuntimeAccess } from "./sandbox.ts";

/** A stage whose key is known and has no result yet. */
export type ReadyStage = Extract<PlannedStage, { status: "would-run" }>;

/** What a stage builds on. */
export interface Given {
  /** That no other runner is at work on it. */
  claim: Pick<Claim, "isHeld" | "lost">;
  known: KnownOutputs;
  /** Real paths of the modules that it reaches. */
  code: string[];
  runtime: RuntimeAccess | undefined;
  /** What it holds of the machine; it lets go while it waits. */
  holding: Holding;
  /** What of its code or outside data has changed since its key was made, in words. */
  changed?: () => Promise<string | undefined>;
}

/** The job for an attempt with these resources, on what the stage now holds. */
export function withHolding(
  job: Job,
  { contract }: StageInstance,
  { holding, resources }: { holding: Holding; resources: Resources },
): Job {
  const asked = resources.gpu > 0;
  const env = asked || contract.compute ? gpuEnvironment(holding.gpus, asked) : {};
  return { ...job, resources, env: { ...job.env, ...env } };
}

/** What all stages of a run share. */
export interface Workshop {
  pipeline: string;
  /** Absolute path of the project. */
  project: string;
  /** Real path of `node_modules`. */
  packages: string;
  store: Store;
  executor: Executor;
  interruption: Interruption;
  emit: (event: RunEvent) => void;
  /** Seconds to wait before the second attempt, more or less; doubles with each. */
  backOff: number;
}

/** So much work is lost at most when a stage is killed, if it saves as it is told to. */
const CHECKPOINT_SECONDS = 30;

/** A declared folder has a link that leads out of it. */
export class LinkError extends Error {}

/**
 * Makes the folders and files that the process finds, inputs included.
 *
 * @param adopted the process is there already, in a folder that was prepared for it: leaves that alone
 */
export async function prepareJob(
  { instance, key }: ReadyStage,
  { known, code, runtime }: Pick<Given, "known" | "code" | "runtime">,
  work: WorkFolder,
  { store, project, packages }: Pick<Workshop, "store" | "project" | "packages">,
  adopted: boolean = false,
): Promise<Job> {
  for (const { path } of instance.externals) refuseEscape(path);
  const inputs: StageRequest["inputs"] = {};
  const folders: string[] = [];
  for (const [name, references] of Object.entries(instance.inputs)) {
    const paths: [string, string][] = [];
    for (const { id, output, as = id } of references) {
      const digest = known.get(id)?.[output];
      if (digest === undefined) throw new RangeError(`Cannot find output "${output}" of "${id}"`);
      paths.push([as, Deno.realPathSync(await store.materialise(digest))]);
    }
    folders.push(...paths.map(([, path]) => path));
    inputs[name] = instance.contract.inputs[name].many ? Object.fromEntries(paths) : paths[0][1];
  }

  const temporary = join(work.folder, "tmp");
  if (!adopted) clear(work, temporary);
  const request: StageRequest = {
    id: instance.id,
    entry: join(project, "stages", `${instance.uses}.ts`),
    params: withExternals(instance.params, instance.externals),
    inputs,
    outputs: Object.fromEntries(
      Object.keys(instance.contract.outputs).map((name) => [name, join(work.out, name)]),
    ),
    scratch: work.scratch,
    checkpointSeconds: instance.checkpointSeconds ?? CHECKPOINT_SECONDS,
    events: work.events,
    cpus: instance.resources.cpu,
    runner: Deno.pid,
  };
  const requestFile = join(work.folder, "request.json");
  if (!adopted) Deno.writeTextFileSync(requestFile, JSON.stringify(request));
  return {
    request,
    uses: instance.uses,
    key,
    folder: work.folder,
    requestFile,
    log: work.log,
    permissions: permissionFlags({
      instance,
      request,
      requestFile,
      code,
      packages,
      inputs: folders,
      temporary,
      runtime,
    }),
    env: environment(instance, temporary, runtime),
    resources: instance.resources,
    timeoutSeconds: instance.timeoutSeconds,
    graceSeconds: instance.graceSeconds,
    readsData: instance.externals.length > 0,
  };
}

function clear(work: WorkFolder, temporary: string): void {
  removeFolder(work.out);
  for (const folder of [work.folder, work.out, work.scratch]) {
    Deno.mkdirSync(folder, { recursive: true });
  }
  removeFolder(temporary);
  Deno.mkdirSync(temporary);
  Deno.writeTextFileSync(work.log, ""); // the last run's log would only confuse
}

function refuseEscape(external: string): void {
  const escape = findEscape(external);
  if (!escape) return;
  throw new LinkError(
    `${escape.link} is a link to ${escape.target}, outside the declared folder ${external}\n` +
      `  what it leads to would count in no key; replace the link by the files, or declare a folder ` +
      `that holds both`,
  );
}

/** Puts the real path where a parameter named it in its own way. */
function withExternals(
  params: Record<string, unknown>,
  externals: { at: string[]; path: string }[],
): Record<string, unknown> {
  const copy: Record<string, unknown> = structuredClone(params);
  for (const { at, path } of externals) {
    let place: unknown = copy;
    for (const step of at.slice(0, -1)) place = isRecord(place) ? place[step] : undefined;
    if (isRecord(place)) place[at[at.length - 1]] = path;
  }
  return copy;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** A failed attempt's leavings must not be taken for this one's. */
export function emptyOutputs({ outputs }: StageRequest): void {
  for (const folder of Object.values(outputs)) {
    removeFolder(folder);
    Deno.mkdirSync(folder);
  }
}

/** Removes a folder with all in it; none is fine. */
export function removeFolder(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
