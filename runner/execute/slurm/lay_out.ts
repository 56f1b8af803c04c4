/**
 * Writes what a job finds on the shared file system: the request and the script of its stage.
 *
 * @module
 */
import { dirname } from "node:path";
import { stageCommand } from "../command.ts";
import type { Job } from "../executor.ts";
import type { ClusterConfig } from "./config.ts";
import type { JobFiles } from "./record.ts";
import { stageScript } from "./script.ts";

/** What all jobs have in common. */
export interface Surroundings {
  /** Absolute path of the project. */
  project: string;
  /** The `deno.json` whose import map the stages use. */
  denoConfig: string | undefined;
  config: Pick<ClusterConfig, "deno">;
}

/** Writes both. */
export function layOut(
  job: Job,
  files: JobFiles,
  { project, denoConfig, config }: Surroundings,
): void {
  const { runner: _, ...request } = job.request; // the job lives on without the runner
  Deno.mkdirSync(dirname(files.script), { recursive: true });
  Deno.writeTextFileSync(job.requestFile, JSON.stringify(request));
  const script = stageScript({
    files,
    project,
    log: job.log,
    outputs: Object.values(request.outputs),
    env: withoutGpus(job.env),
    command: [config.deno, ...stageCommand(denoConfig, job)],
  });
  Deno.writeTextFileSync(files.script, script);
}

/** Which GPUs a stage may use is for Slurm to say, where it runs. */
function withoutGpus({ CUDA_VISIBLE_DEVICES: _, ...env }: Record<string, string>): Job["env"] {
  return env;
}
