/**
 * Jobs as a person gets them: a text to pipe on, files to keep, a document for programs.
 *
 * @module
 */
import { dump } from "js-yaml";
import { awsBatchJobs, type PlacedJob } from "./aws_batch.ts";
import type { ContainerJob } from "./container_job.ts";
import { kubernetesJob, type KubernetesPlace } from "./kubernetes.ts";
import { inline, submitScript } from "./submit_script.ts";

/** The same in three forms. */
export interface Output {
  /** For `--json`. */
  document: Record<string, unknown>;
  /** For another program's standard input. */
  text: string;
  /** Relative path → text. */
  files: Record<string, string>;
}

/** YAML, for `kubectl apply -f`. */
export function kubernetesOutput(
  pipeline: string,
  jobs: { job: ContainerJob; place: KubernetesPlace }[],
): Output {
  const manifests = jobs.map(({ job, place }) => kubernetesJob(pipeline, job, place));
  const texts = manifests.map((manifest) => dump(manifest, { lineWidth: -1, noRefs: true }));
  return {
    document: { target: "kubernetes", jobs: manifests },
    text: texts.map((text) => `---\n${text}`).join(""),
    files: Object.fromEntries(
      manifests.map(({ metadata: { name } }, i) => [`${name}.yaml`, texts[i]]),
    ),
  };
}

/** JSON and a script for the shell that calls `aws`. */
export function awsBatchOutput(pipeline: string, placed: PlacedJob[], resubmit: number): Output {
  const jobs = awsBatchJobs(pipeline, placed, resubmit);
  const files = new Map<string, string>();
  const script = submitScript(pipeline, jobs, (request) => {
    const path = "jobName" in request
      ? `jobs/${request.jobName}.json`
      : `definitions/${request.jobDefinitionName}.json`;
    files.set(path, JSON.stringify(request, null, 2) + "\n");
    return `"file://$here/${path}"`;
  });
  return {
    document: { target: "aws-batch", jobs },
    text: jobs.length === 0 ? "" : submitScript(pipeline, jobs, inline),
    files: jobs.length === 0 ? {} : { ...Object.fromEntries(files), "submit.sh": script },
  };
}
