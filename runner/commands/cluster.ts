/**
 * `run --executor slurm`: whether Slurm can be asked, and what `cluster.yaml` says of it.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { UserError } from "../diagnostic.ts";
import type { Executor } from "../execute/executor.ts";
import type { Capacity } from "../execute/resources.ts";
import { callSlurm, type SlurmClient, SlurmError } from "../execute/slurm/client.ts";
import { type ClusterConfig, defaultConfig, readClusterConfig } from "../execute/slurm/config.ts";
import { slurmExecutor } from "../execute/slurm/executor.ts";
import { queueArguments } from "../execute/slurm/states.ts";
import { configFile } from "../plan/module_graph.ts";
import type { RunCommandOptions } from "./options.ts";

/** Jobs in the queue at once, unless `--jobs` says otherwise. */
const JOBS = 100;

/** The file that is read if it is there and the command names no other. */
const FILE = "cluster.yaml";

/**
 * Makes the executor.
 *
 * @param root absolute path of the project
 * @param notify tells the person what happens to jobs
 * @throws {UserError} if Slurm cannot be asked, or the file has mistakes
 */
export async function clusterExecutor(
  root: string,
  { cluster }: Pick<RunCommandOptions, "cluster">,
  notify: (text: string) => void,
  client: SlurmClient = callSlurm,
): Promise<Executor> {
  const { config } = await readCluster(root, cluster);
  await expectSlurm(client);
  return slurmExecutor({ project: root, denoConfig: configFile(root), config, notify, client });
}

/**
 * What the person says of the cluster; the defaults if there is no file and none was named.
 *
 * @returns also the file's absolute path, whether it is there or not
 * @throws {UserError} if the file has mistakes, or is not there though it was named
 */
export async function readCluster(
  root: string,
  cluster: string | undefined,
): Promise<{ path: string; config: ClusterConfig }> {
  const path = cluster === undefined ? join(root, FILE) : resolve(cluster);
  const config = cluster === undefined && !isThere(path)
    ? defaultConfig()
    : await readClusterConfig(path, stageNames(root));
  return { path, config };
}

/** A cluster has room for what this machine has not; only the queue is to stay within bounds. */
export function clusterCapacity(
  { slots }: Pick<Capacity, "slots">,
  { jobs = JOBS }: Pick<RunCommandOptions, "jobs">,
): Capacity {
  return { cpu: Infinity, memory: Infinity, gpus: [], slots, stages: jobs };
}

/** One question before any work, so that what is wrong is said once. */
async function expectSlurm(client: SlurmClient): Promise<void> {
  try {
    await client("sbatch", ["--version"]);
    await client("scancel", ["--version"]);
    await client("squeue", queueArguments(Deno.uid()));
  } catch (error) {
    if (!(error instanceof SlurmError)) throw error;
    throw new UserError({
      message: `cannot use --executor slurm: ${error.message}`,
      notes: [
        error.problem === "missing"
          ? "start the run on a machine from which jobs are submitted, or leave out --executor slurm"
          : "`squeue` must work in this terminal; ask whoever runs the cluster if it does not",
      ],
    }, { cause: error });
  }
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function stageNames(root: string): string[] {
  try {
    return [...Deno.readDirSync(join(root, "stages"))].map(({ name }) => name)
      .filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -3)).sort();
  } catch {
    return []; // no folder, no stage
  }
}
