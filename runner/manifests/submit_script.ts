/**
 * A script for the shell that hands jobs to AWS Batch, each with the ids of those that it waits for.
 *
 * @module
 */
import { quote } from "../execute/slurm/script.ts";
import type { JobDefinition, Submission, SubmitRequest } from "./aws_batch.ts";

/** How the script names a request: its JSON, or `file://` and a path; a word as the shell reads it. */
export type Naming = (request: JobDefinition | SubmitRequest) => string;

/** A request inside the script. */
export const inline: Naming = (request) => quote(JSON.stringify(request));

/** The script. It prints id and name of each job, and stops at the first that is refused. */
export function submitScript(pipeline: string, jobs: Submission[], name: Naming = inline): string {
  const numbers = new Map(jobs.map(({ request }, i) => [request.jobName, i + 1]));
  const definitions = new Map(jobs.map(({ definition }) => [
    definition.jobDefinitionName,
    definition,
  ]));
  const registered = [...definitions.values()].map((definition) =>
    `aws batch register-job-definition --cli-input-json ${name(definition)} >/dev/null\n`
  );
  const submitted = jobs.map(({ request, after }, i) => {
    const ids = after.map((each) => ` "jobId=$job_${numbers.get(each)}"`);
    const wait = ids.length === 0 ? "" : ` \\\n  --depends-on${ids.join("")}`;
    return `job_${i + 1}=$(aws batch submit-job --cli-input-json ${name(request)}${wait} \\
  --query jobId --output text)
echo "$job_${i + 1} ${request.jobName}"\n`;
  });
  return `#!/bin/sh
# Hands stages of ${pipeline.replaceAll(/\s/g, " ")} to AWS Batch; written by "deno task manifests".
set -eu
export AWS_PAGER=
here=$(dirname "$0")
${[...registered, ...submitted].join("")}`;
}
