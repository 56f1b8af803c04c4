/**
 * Runs a stage with wide permissions and compares what it touches with what it declares.
 *
 * Nothing of it is stored: a stage that reads what it does not declare has a result without a key.
 *
 * @module
 */
import { join } from "node:path";
import { layOut, type TrialPlace } from "../check/trial.ts";
import type { StageEvent } from "../execute/events.ts";
import type { Executor, Job } from "../execute/executor.ts";
import type { ReadyStage } from "../execute/job.ts";
import { CODEC_PROBES } from "../execute/sandbox.ts";
import { AUDIT_VARIABLE, readAccesses } from "./access_log.ts";
import { type AuditFindings, compareAccesses, type Declared } from "./compare.ts";

/** The modules that every stage's process begins with. */
const RUNNER = join(import.meta.dirname!, "..", "execute");

/** What an audit has found. */
export interface Audited {
  id: string;
  /** Why it did not get to its end, if it did not. */
  failure?: string;
  /** How many files it touched in all. */
  touched: number;
  findings: AuditFindings;
}

/** Lets it run to its end. */
export async function auditStage(
  stage: ReadyStage,
  place: TrialPlace,
  { executor, onEvent }: { executor: Executor; onEvent: (event: StageEvent) => void },
): Promise<Audited> {
  const { id } = stage.instance;
  const { store, project } = place.shop;
  const trial = await layOut(stage, place);
  const log = store.temporary();
  Deno.writeTextFileSync(log, "");
  const outcome = await trial.attempt(executor, { change: (job) => opened(job, log), onEvent });
  const touched = readAccesses(Deno.readTextFileSync(log), project);
  const findings = compareAccesses(declaredBy(stage, trial.job, place), touched, {
    isThere,
    outside: hiddenFrom(trial.job.env),
  });
  const failure = outcome.status === "failed"
    ? outcome.failure.message
    : outcome.status === "interrupted"
    ? "it was interrupted"
    : undefined;
  return {
    id,
    ...(failure === undefined ? {} : { failure }),
    touched: touched.files.length,
    findings,
  };
}

/** It may read everything, load native code and use the network; it writes to its own folders only. */
function opened(job: Job, log: string): Job {
  const writing = job.permissions.filter((flag) => flag.startsWith("--allow-write"));
  return {
    ...job,
    permissions: [
      "--allow-read",
      ...writing,
      "--allow-net",
      "--allow-env",
      "--allow-sys",
      "--allow-ffi",
    ],
    env: { ...job.env, [AUDIT_VARIABLE]: log },
  };
}

function declaredBy(
  { instance }: ReadyStage,
  job: Job,
  { given: { code, runtime }, shop: { packages } }: TrialPlace,
): Declared {
  const { contract, params, externals } = instance;
  const folders = (paths: string | Record<string, string>) =>
    typeof paths === "string" ? [paths] : Object.values(paths);
  return {
    given: [
      Deno.execPath(),
      RUNNER,
      ...code,
      packages,
      job.folder,
      ...(contract.compute ? runtime?.read ?? [] : []),
      ...(contract.images ? CODEC_PROBES : []),
    ],
    inputs: Object.fromEntries(
      Object.entries(job.request.inputs).map(([name, paths]) => [name, folders(paths)]),
    ),
    externals: Object.fromEntries(externals.map(({ at, path }) => [at.join("."), path])),
    hosts: contract.net?.(params) ?? [],
    compute: contract.compute ?? false,
    images: contract.images ?? false,
  };
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Names of the person's variables that the stage does not get. */
function hiddenFrom(env: Record<string, string>): Set<string> {
  return new Set(Object.keys(Deno.env.toObject()).filter((name) => !Object.hasOwn(env, name)));
}
