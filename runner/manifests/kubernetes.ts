/**
 * A stage as a Job of Kubernetes (`batch/v1`).
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
 * @module
 */
import type { ContainerJob } from "./container_job.ts";
import { jobName, plainLabel } from "./names.ts";
import type { KubernetesSettings } from "./settings.ts";

/** Settings with what cannot be done without. */
export type KubernetesPlace = KubernetesSettings & {
  image: string;
  volumes: NonNullable<KubernetesSettings["volumes"]>;
};

/** Exit codes of `run`: a stage has failed, retries included; the person has made a mistake. */
const FINAL = [1, 2];

/** Exit codes of a run that was asked to stop, and has saved what it has. */
const STOPPED = [130, 143];

/** The Job of one stage. Its name changes with what it is made of, as a Job cannot be changed. */
export function kubernetesJob(pipeline: string, job: ContainerJob, place: KubernetesPlace) {
  const { id, key, retries } = job;
  const labels = {
    "app.kubernetes.io/managed-by": "sr4ir",
    "app.kubernetes.io/part-of": plainLabel(pipeline) || "pipeline",
  };
  const spec = {
    backoffLimit: retries,
    podFailurePolicy: {
      rules: [
        // Preempted, evicted, drained: it goes on from its checkpoint, and that is no failure.
        {
          action: "Ignore" as const,
          onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
        },
        { action: "Ignore" as const, onExitCodes: { operator: "In" as const, values: STOPPED } },
        // The runner has tried as often as the stage says.
        { action: "FailJob" as const, onExitCodes: { operator: "In" as const, values: FINAL } },
      ],
    },
    template: { metadata: { labels }, spec: podSpec(job, place) },
  };
  return {
    apiVersion: "batch/v1" as const,
    kind: "Job" as const,
    metadata: {
      name: jobName([pipeline, id], { id, key, spec }),
      ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
      labels,
      annotations: { "sr4ir/stage": id, ...(key === undefined ? {} : { "sr4ir/key": key }) },
    },
    spec,
  };
}

/** What {@link kubernetesJob} makes. */
export type KubernetesJob = ReturnType<typeof kubernetesJob>;

function podSpec(job: ContainerJob, place: KubernetesPlace) {
  const { cpu, memory, gpu, seconds, graceSeconds } = job;
  const claims = [...new Set(place.volumes.map(({ claim }) => claim))];
  const amounts = {
    cpu: String(cpu),
    ...(memory === undefined ? {} : { memory: `${Math.ceil(memory / 2 ** 20)}Mi` }),
    ...(gpu === 0 ? {} : { [place.gpu ?? "nvidia.com/gpu"]: String(gpu) }),
  };
  return {
    ...place.pod,
    restartPolicy: "Never" as const, // the Job makes another pod, elsewhere if need be
    // Of the pod, not of the Job: the time in a queue does not count.
    ...(seconds === undefined ? {} : { activeDeadlineSeconds: seconds }),
    terminationGracePeriodSeconds: graceSeconds,
    ...(place.node_selector === undefined ? {} : { nodeSelector: place.node_selector }),
    containers: [{
      ...place.container,
      name: "stage",
      image: place.image,
      command: job.command.map(literally),
      env: Object.entries(job.env).map(([name, value]) => ({ name, value: literally(value) })),
      resources: { requests: amounts, limits: amounts },
      volumeMounts: place.volumes.map(({ claim, path, sub_path }) => ({
        name: volumeName(claims.indexOf(claim)),
        mountPath: path,
        ...(sub_path === undefined ? {} : { subPath: sub_path }),
      })),
    }],
    volumes: claims.map((claimName, i) => ({
      name: volumeName(i),
      persistentVolumeClaim: { claimName },
    })),
  };
}

function volumeName(index: number): string {
  return `volume-${index + 1}`;
}

/** Kubernetes puts variables in the place of `$(NAME)`. */
function literally(word: string): string {
  return word.replaceAll("$(", () => "$$(");
}
