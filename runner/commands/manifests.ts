/**
 * `manifests`: the stages that would run, as jobs for Kubernetes or AWS Batch. Executes nothing.
 *
 * A job runs `run FILE --only STAGE` on the store that all share. So it keeps a stage's limits and
 * result as any run does, and whoever runs the pipeline afterwards finds the result.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { UserError } from "../diagnostic.ts";
import { settingsFor } from "../execute/slurm/config.ts";
import { MOST_NEEDS } from "../manifests/aws_batch.ts";
import { type ContainerJob, containerJob } from "../manifests/container_job.ts";
import { awsBatchOutput, kubernetesOutput, type Output } from "../manifests/output.ts";
import { notesOn, type Written } from "../manifests/notes.ts";
import { awsBatchPlace, type ClusterFile, kubernetesPlace } from "../manifests/place.ts";
import { expectOnVolumes, isOnVolume, type Needed } from "../manifests/volumes.ts";
import { chooseWave, type Due, type Later } from "../manifests/wave.ts";
import { showPath } from "../pipeline/source.ts";
import { planPipeline } from "../plan/plan.ts";
import { count, listed } from "../ui/format.ts";
import { runArguments } from "./again.ts";
import { readCluster } from "./cluster.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { packagesFolder } from "./places.ts";
import { openSession, type Session } from "./session.ts";

/** Options of `manifests`. */
export interface ManifestsOptions extends PlanOptions {
  for: "kubernetes" | "aws-batch";
  /** Path of the file that says what the cluster wants to know. */
  cluster?: string;
  /** A new or empty folder to write files to. */
  out?: string;
}

/** The program that jobs run. */
const MAIN = join(import.meta.dirname!, "../main.ts");

/** Passed on to jobs where they name a folder that these have too. */
const FOLDERS = ["HOME", "XDG_CACHE_HOME", "DENO_DIR", "SR4IR_TENSORFLOW"];

/** Plans and writes. @returns the exit code */
export async function manifestsCommand(
  file: string,
  options: ManifestsOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { root } = surroundings;
  const session = await openSession(file, options, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const { pipeline, context } = session;
  const { path, config } = await readCluster(root, options.cluster);
  const cluster = { config, shown: showPath(path) };
  const isKubernetes = options.for === "kubernetes";
  const { now, later } = chooseWave(await planPipeline(pipeline, context), {
    mostNeeds: isKubernetes ? 0 : MOST_NEEDS,
    slots: pipeline.slots ?? {},
  });
  const inputs = { file, options, session, root, cluster };
  const { output, written } = isKubernetes ? forKubernetes(now, inputs) : forAwsBatch(now, inputs);
  await write(output, later, options);
  const notes = notesOn(written, {
    backend: context.runtime.backend,
    isAwsBatch: !isKubernetes,
    hidesRemote: hasSecret(options.remote ?? ""),
  });
  printError(describe(now, later, options.for) + notes.map((text) => `note: ${text}\n`).join(""));
  return 0;
}

/** What is to be written, and the jobs that it is made of. */
interface Made {
  output: Output;
  written: Written[];
}

function forKubernetes(now: Due[], inputs: Inputs): Made {
  const { cluster, session: { pipeline } } = inputs;
  const written = now.map((due) => {
    const place = kubernetesPlace(cluster, due.planned.instance.uses);
    return { due, place, job: makeJob(due, place, "kubernetes", inputs) };
  });
  return { written, output: kubernetesOutput(pipeline.name, written) };
}

function forAwsBatch(now: Due[], inputs: Inputs): Made {
  const { cluster, session: { pipeline } } = inputs;
  const written = now.map((due) => {
    const place = awsBatchPlace(cluster, due.planned.instance.uses);
    return { due, place, job: withMemory(makeJob(due, place, "aws_batch", inputs), cluster) };
  });
  return { written, output: awsBatchOutput(pipeline.name, written, cluster.config.resubmit) };
}

interface Inputs {
  file: string;
  options: ManifestsOptions;
  session: Session;
  root: string;
  cluster: ClusterFile;
}

interface Place {
  deno?: string | undefined;
  env?: Record<string, string> | undefined;
  volumes: { path: string }[];
}

function makeJob(
  due: Due,
  place: Place,
  section: "kubernetes" | "aws_batch",
  { file, options, session: { context, store }, root, cluster }: Inputs,
): ContainerJob {
  const { instance } = due.planned;
  const { memory, time } = settingsFor(cluster.config, instance.uses);
  const needed: Needed[] = [
    { what: "the runner", path: MAIN },
    { what: "the project", path: root },
    { what: "its packages", path: packagesFolder(root) },
    { what: "the pipeline file", path: resolve(file) },
    { what: "the store", path: store.folder },
    ...instance.externals.map(({ path }) => ({ what: `data of stage "${instance.id}"`, path })),
  ];
  expectOnVolumes(needed, place.volumes, `${section} in ${cluster.shown}`);
  const { backend } = context.runtime;
  const isKnown = backend !== "none";
  return containerJob(due, {
    commandOf: (id) => [
      place.deno ?? "deno",
      ...["run", "--quiet", "-A", "--unstable-lazy-dynamic-imports", MAIN, "run"],
      // What "auto" has come to here, and not there: it is in the keys.
      ...runArguments(resolve(file), { ...options, store: store.folder, backend: "auto" }, [
        ...(isKnown ? ["--backend", backend] : []),
        ...(options.remote && !hasSecret(options.remote) ? ["--remote", options.remote] : []),
        ...(options.remoteReadOnly ? ["--remote-read-only"] : []),
        ...(options.verify ? ["--verify"] : []),
        ...(context.forced?.has(id) ? ["--force", id] : []),
        ...["--only", id],
      ]),
    ],
    env: {
      ...passedOn(place),
      INIT_CWD: Deno.cwd(), // from where paths in the command and in params start
      SR4IR_ROOT: root,
      ...place.env,
    },
    memory,
    time,
  });
}

/** Whether an address says who one is: what is written is for many eyes. */
function hasSecret(remote: string): boolean {
  const url = URL.parse(remote); // null for a folder
  return url !== null && url.username + url.password !== "";
}

function passedOn({ volumes }: Place): Record<string, string> {
  return Object.fromEntries(FOLDERS.flatMap((name): [string, string][] => {
    const folder = Deno.env.get(name);
    return folder && isOnVolume(folder, volumes) ? [[name, folder]] : [];
  }));
}

function withMemory(
  job: ContainerJob,
  { shown }: ClusterFile,
): ContainerJob & { memory: number } {
  const { memory } = job;
  if (memory !== undefined) return { ...job, memory };
  throw new UserError({
    message: `AWS Batch must know how much memory stage "${job.id}" needs`,
    notes: [
      "in the pipeline file: resources: { memory: 4GiB }",
      `or for all stages in ${shown}: memory: 4GiB`,
    ],
  });
}

async function write(
  { document, text, files }: Output,
  later: Later[],
  { out, json }: ManifestsOptions,
): Promise<void> {
  if (out !== undefined) {
    const { writeNewFolder } = await import("../manifests/new_folder.ts");
    writeNewFolder(out, files);
  }
  if (json) print(JSON.stringify({ ...document, later }, null, 2) + "\n");
  else if (out === undefined) print(text);
}

function describe(now: Due[], later: Later[], target: ManifestsOptions["for"]): string {
  if (now.length + later.length === 0) return "nothing to do: all results are stored\n";
  const where = target === "kubernetes" ? "Kubernetes" : "AWS Batch";
  const ids = listed(now.map(({ planned }) => planned.instance.id));
  const rest = later.map(({ id, why }) => `  later: ${id} ${why}\n`).join("");
  const next = later.length === 0
    ? ""
    : "  for these the same command again, once the jobs are done\n";
  return `${count(now.length, "job")} for ${where}: ${ids}\n${rest}${next}`;
}
