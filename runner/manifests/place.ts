/**
 * Where the jobs of a stage run: what `cluster.yaml` says, checked for what cannot be done without.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import type { ClusterConfig } from "../execute/slurm/config.ts";
import type { AwsBatchPlace } from "./aws_batch.ts";
import type { KubernetesPlace } from "./kubernetes.ts";

/** The file, and its path as a person would type it. */
export interface ClusterFile {
  config: ClusterConfig;
  shown: string;
}

/** The least that a section says. */
const LEAST = {
  kubernetes: "kubernetes: { image: IMAGE, volumes: [{ claim: CLAIM, path: /shared }] }",
  aws_batch: "aws_batch: { image: IMAGE, queue: QUEUE, volumes: [{ efs: fs-ID, path: /shared }] }",
};

/** For stages of this kind: what `uses` says for it, else what the section says for all. */
export function kubernetesPlace({ config, shown }: ClusterFile, uses: string): KubernetesPlace {
  const place = { ...config.kubernetes, ...stageSection(config, uses)?.kubernetes };
  const { image, volumes } = place;
  if (image === undefined || !volumes?.length) throw incomplete(shown, "kubernetes", uses);
  return { ...place, image, volumes };
}

/** The same for AWS Batch. */
export function awsBatchPlace({ config, shown }: ClusterFile, uses: string): AwsBatchPlace {
  const place = { ...config.aws_batch, ...stageSection(config, uses)?.aws_batch };
  const { image, queue, volumes } = place;
  if (image === undefined || queue === undefined || !volumes?.length) {
    throw incomplete(shown, "aws_batch", uses);
  }
  return { ...place, image, queue, volumes };
}

function stageSection({ uses }: ClusterConfig, name: string) {
  return Object.hasOwn(uses, name) ? uses[name] : undefined;
}

function incomplete(shown: string, section: keyof typeof LEAST, uses: string): UserError {
  return new UserError({
    message: `${shown} does not say all that jobs of stage "${uses}" need, in its ${section}`,
    notes: [`expected at least: ${LEAST[section]}`],
  });
}
