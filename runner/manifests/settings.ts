/**
 * The sections `kubernetes` and `aws_batch` of `cluster.yaml`.
 *
 * @module
 */
import { isAbsolute } from "node:path";
import { z } from "zod";

const word = z.string({ error: "text" }).regex(/^\S+$/, { error: "text without spaces" });

const label = z.string({ error: "text" }).regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: "at most 63 lower-case letters, digits and dashes",
});

const CLAIM = "the name of a persistent volume claim";
const claim = z.string({ error: CLAIM }).regex(/^[a-z0-9][a-z0-9.-]*$/, { error: CLAIM });

const folder = z.string({ error: "an absolute path" }).refine(
  (path) => isAbsolute(path) && !path.includes(":"),
  { error: "be an absolute path without a colon" },
);

const texts = z.record(z.string(), z.string({ error: "text in quotes" }));

/** Fields that are passed on as they are, but for those that other words of this file are for. */
function fields(own: Record<string, string>) {
  return z.record(z.string(), z.json()).superRefine((given, context) => {
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(own, name)) continue;
      const message = `not have ${name}: that is what ${own[name]} says`;
      context.addIssue({ code: "custom", message });
    }
  });
}

/** What every container is told. */
const container = {
  image: word.optional(),
  deno: word.optional(),
  env: texts.optional(),
};

const STAGE = "the stage in its pipeline file";

const kubernetesSettings = {
  ...container,
  namespace: label.optional(),
  volumes: z.array(
    z.strictObject({ claim, path: folder, sub_path: word.optional() }),
    { error: "a list such as [{ claim: shared, path: /shared }]" },
  ).optional(),
  node_selector: texts.optional(),
  gpu: word.optional(),
  pod: fields({
    activeDeadlineSeconds: "timeout of the stage",
    containers: STAGE,
    nodeSelector: "node_selector",
    restartPolicy: "retries of the stage",
    terminationGracePeriodSeconds: "grace of the stage",
    volumes: "volumes",
  }).optional(),
  container: fields({
    args: STAGE,
    command: STAGE,
    env: "env",
    image: "image",
    name: STAGE,
    resources: "resources of the stage",
    volumeMounts: "volumes",
  }).optional(),
};

const awsBatchSettings = {
  ...container,
  queue: word.optional(),
  volumes: z.array(
    z.strictObject({
      path: folder,
      efs: word.optional(),
      root: folder.optional(),
      host: folder.optional(),
    }).refine(({ efs, host }) => (efs === undefined) !== (host === undefined), {
      error: "have either efs, a file system, or host, a folder of the machines",
    }),
    { error: "a list such as [{ efs: fs-0123, path: /shared }]" },
  ).optional(),
  container: fields({
    command: STAGE,
    environment: "env",
    image: "image",
    memory: "memory",
    mountPoints: "volumes",
    resourceRequirements: "resources of the stage",
    vcpus: "resources of the stage",
    volumes: "volumes",
  }).optional(),
};

/** The section `kubernetes`. */
export const kubernetesSchema = z.strictObject(kubernetesSettings);

/** The section `aws_batch`. */
export const awsBatchSchema = z.strictObject(awsBatchSettings);

/** What holds for all stages, or for those of one kind. */
export type KubernetesSettings = z.output<typeof kubernetesSchema>;

/** What holds for all stages, or for those of one kind. */
export type AwsBatchSettings = z.output<typeof awsBatchSchema>;
