/**
 * Stages as jobs of AWS Batch: requests of its API, `RegisterJobDefinition` and `SubmitJob`.
 *
 * @see https://docs.aws.amazon.com/batch/latest/APIReference/
 * @module
 */
import type { ContainerJob } from "./container_job.ts";
import { jobName } from "./names.ts";
import type { AwsBatchSettings } from "./settings.ts";

/** Settings with what cannot be done without. */
export type AwsBatchPlace = AwsBatchSettings & {
  image: string;
  queue: string;
  volumes: NonNullable<AwsBatchSettings["volumes"]>;
};

/** For how many others a job can wait. */
export const MOST_NEEDS = 20;

/** Attempts of a job at most. */
const MOST_ATTEMPTS = 10;

/** Seconds of the shortest limit. */
const LEAST_SECONDS = 60;

/** One request of each kind. */
export interface Submission {
  definition: JobDefinition;
  request: SubmitRequest;
  /** Names of jobs that must have succeeded before; their ids are known once they are submitted. */
  after: string[];
}

/** A job with where it runs, and its memory, which AWS Batch must know. */
export interface PlacedJob {
  job: ContainerJob & { memory: number };
  place: AwsBatchPlace;
}

/**
 * The requests for stages of one pipeline. Stages that want the same share a definition.
 *
 * @param jobs each after those that it needs
 * @param resubmit how often a job may be lost besides its retries
 */
export function awsBatchJobs(
  pipeline: string,
  jobs: PlacedJob[],
  resubmit: number,
): Submission[] {
  const names = new Map<string, string>();
  return jobs.map(({ job, place }) => {
    const definition = jobDefinition(pipeline, job, place, resubmit);
    const request = submitRequest(pipeline, job, place, definition.jobDefinitionName);
    names.set(job.id, request.jobName);
    return { definition, request, after: job.needs.flatMap((id) => names.get(id) ?? []) };
  });
}

function jobDefinition(
  pipeline: string,
  job: PlacedJob["job"],
  place: AwsBatchPlace,
  resubmit: number,
) {
  const properties = {
    type: "container" as const,
    containerProperties: {
      linuxParameters: { initProcessEnabled: true }, // what reaps and passes signals on
      ...place.container,
      image: place.image,
      environment: Object.entries(job.env).map(([name, value]) => ({ name, value })),
      resourceRequirements: [
        { type: "VCPU" as const, value: String(job.cpu) },
        { type: "MEMORY" as const, value: String(Math.ceil(job.memory / 2 ** 20)) },
        ...(job.gpu === 0 ? [] : [{ type: "GPU" as const, value: String(job.gpu) }]),
      ],
      volumes: place.volumes.map((volume, i) => ({ name: volumeName(i), ...sourceOf(volume) })),
      mountPoints: place.volumes.map(({ path }, i) => ({
        sourceVolume: volumeName(i),
        containerPath: path,
      })),
    },
    retryStrategy: {
      attempts: Math.min(MOST_ATTEMPTS, 1 + job.retries + resubmit),
      evaluateOnExit: [
        // A spot instance is taken back: the stage goes on from its checkpoint on another.
        { onStatusReason: "Host EC2*", action: "RETRY" as const },
        // The runner has tried as often as the stage says; or the person has made a mistake.
        { onExitCode: "1", action: "EXIT" as const },
        { onExitCode: "2", action: "EXIT" as const },
        // Whatever else: the runner was killed.
        { onReason: "*", action: "RETRY" as const },
      ],
    },
    ...(job.seconds === undefined
      ? {}
      : { timeout: { attemptDurationSeconds: Math.max(LEAST_SECONDS, job.seconds) } }),
  };
  return { jobDefinitionName: jobName([pipeline], properties), ...properties };
}

/** A request of `RegisterJobDefinition`. */
export type JobDefinition = ReturnType<typeof jobDefinition>;

function submitRequest(
  pipeline: string,
  { id, key, needs, command }: ContainerJob,
  { queue }: AwsBatchPlace,
  definition: string,
) {
  const request = {
    jobQueue: queue,
    jobDefinition: definition,
    containerOverrides: { command },
  };
  return { jobName: jobName([pipeline, id], { key, needs, request }), ...request };
}

/** A request of `SubmitJob`, but for `dependsOn`. */
export type SubmitRequest = ReturnType<typeof submitRequest>;

function sourceOf({ efs, root, host }: AwsBatchPlace["volumes"][number]) {
  return efs === undefined ? { host: { sourcePath: host } } : {
    efsVolumeConfiguration: {
      fileSystemId: efs,
      ...(root === undefined ? {} : { rootDirectory: root }),
      transitEncryption: "ENABLED" as const,
    },
  };
}

function volumeName(index: number): string {
  return `volume-${index + 1}`;
}
