/**
 * `cluster.yaml`: what a cluster wants to know besides what stages ask for.
 *
 * @module
 */
import { isAbsolute } from "node:path";
import { z } from "zod";
import { type Diagnostic, UserError } from "../../diagnostic.ts";
import {
  awsBatchSchema,
  type AwsBatchSettings,
  kubernetesSchema,
  type KubernetesSettings,
} from "../../manifests/settings.ts";
import { didYouMean } from "../../nearest.ts";
import { findings } from "../../pipeline/findings.ts";
import { parseBytes, parseSeconds } from "../../pipeline/quantities.ts";
import { readSource, type Source, type Step } from "../../pipeline/source.ts";

const TIME = "a time such as 90s, 30m, 12h or 2d";
const SIZE = "a size such as 2GiB";

const word = z.string({ error: "text" }).regex(/^\S+$/, { error: "text without spaces" });
const time = z.string({ error: TIME }).transform((text, context) => {
  const seconds = parseSeconds(text);
  if (seconds !== undefined) return seconds;
  context.addIssue({ code: "custom", message: `be ${TIME}` });
  return z.NEVER;
});
const size = z.union([z.string(), z.int()], { error: SIZE }).transform((text, context) => {
  const bytes = parseBytes(String(text));
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: "custom", message: `be ${SIZE}` });
  return z.NEVER;
});

/** Options of `sbatch` that this program sets itself, and what says the same in the file. */
const OWN: Record<string, string> = {
  partition: "partition",
  p: "partition",
  account: "account",
  A: "account",
  qos: "qos",
  q: "qos",
  mem: "memory",
  time: "time or max_time",
  t: "time or max_time",
  gres: "gres",
  gpus: "gres, and resources.gpu of the stage",
  G: "gres, and resources.gpu of the stage",
  "cpus-per-task": "resources.cpu of the stage",
  c: "resources.cpu of the stage",
  signal: "grace",
};

/** Those that nobody may set. */
const RESERVED = new Set(
  ["array", "a", "chdir", "D", "comment", "dependency", "d", "export", "input", "i", "nodes", "N"]
    .concat([
      "ntasks",
      "n",
      "output",
      "o",
      "error",
      "e",
      "open-mode",
      "parsable",
      "wait",
      "W",
      "wrap",
    ]),
);

const argument = z.string({ error: "an option of sbatch such as --constraint=a100" })
  .superRefine((text, context) => {
    const name = /^--?([A-Za-z][\w-]*)/.exec(text)?.[1];
    const complain = (message: string) => context.addIssue({ code: "custom", message });
    if (name === undefined) complain("be an option of sbatch such as --constraint=a100");
    else if (OWN[name] !== undefined) {
      complain(`not be ${text.split("=")[0]}: that is what ${OWN[name]} says`);
    } else if (RESERVED.has(name)) complain(`not be ${text.split("=")[0]}: stages are run by it`);
  });

const settings = {
  partition: word.optional(),
  account: word.optional(),
  qos: word.optional(),
  memory: size.optional(),
  time: time.optional(),
  max_time: time.optional(),
  gres: word.optional(),
  sbatch: z.array(argument, { error: "a list of options of sbatch" }).optional(),
  kubernetes: kubernetesSchema.optional(),
  aws_batch: awsBatchSchema.optional(),
};

const configSchema = z.strictObject({
  ...settings,
  grace: time.optional(),
  resubmit: z.int({ error: "a whole number from 0" }).min(0, { error: "a whole number from 0" })
    .optional(),
  deno: z.string({ error: "an absolute path" }).refine(isAbsolute, { error: "be an absolute path" })
    .optional(),
  uses: z.record(z.string(), z.strictObject(settings)).optional(),
});

/** What may be said for all stages and, under `uses`, for those of one kind. */
export interface ClusterSettings {
  partition?: string | undefined;
  account?: string | undefined;
  qos?: string | undefined;
  /** Bytes, for stages that do not say how much they need. */
  memory?: number | undefined;
  /** Seconds, for stages without a timeout. */
  time?: number | undefined;
  /** Seconds that one job may last; a stage that needs longer goes on in the next. */
  max_time?: number | undefined;
  /** What GPUs are called; default `gpu`. */
  gres?: string | undefined;
  /** Further arguments of `sbatch`. */
  sbatch?: string[] | undefined;
  /** For `manifests --for kubernetes`. */
  kubernetes?: KubernetesSettings | undefined;
  /** For `manifests --for aws-batch`. */
  aws_batch?: AwsBatchSettings | undefined;
}

/** The file's content, with defaults. */
export interface ClusterConfig extends ClusterSettings {
  /** Seconds before the end of a job at which its stage is told to save. */
  grace: number;
  /** How often a lost job is submitted again. */
  resubmit: number;
  /** The Deno to run stages with, on the nodes. */
  deno: string;
  uses: Record<string, ClusterSettings>;
}

/** What holds without a file. */
export function defaultConfig(): ClusterConfig {
  return { grace: 60, resubmit: 5, deno: Deno.execPath(), uses: {} };
}

/**
 * Reads the file.
 *
 * @param stages names that `uses` may have
 * @throws {UserError} with every mistake and its place
 */
export async function readClusterConfig(path: string, stages: string[]): Promise<ClusterConfig> {
  const source = await readSource(path);
  const result = configSchema.safeParse(source.value);
  if (!result.success) throw await mistakes(source, result.error.issues);
  const { data } = result;
  const uses = data.uses ?? {};
  const unknown = Object.keys(uses).filter((name) => !stages.includes(name));
  if (unknown.length > 0) {
    throw new UserError(
      await Promise.all(unknown.map(async (name): Promise<Diagnostic> => ({
        message: `there is no stage "${name}"`,
        ...await placed(source, ["uses", name], "key", didYouMean(name, stages)),
        notes: [`there are: ${stages.join(", ")}`],
      }))),
    );
  }
  const defaults = defaultConfig();
  return {
    ...data,
    grace: data.grace ?? defaults.grace,
    resubmit: data.resubmit ?? defaults.resubmit,
    deno: data.deno ?? defaults.deno,
    uses,
  };
}

/** What holds for stages of one kind: what `uses` says for it, else what the file says for all. */
export function settingsFor({ uses, ...all }: ClusterConfig, name: string): ClusterSettings {
  return { ...all, ...(Object.hasOwn(uses, name) ? uses[name] : {}) };
}

async function mistakes(source: Source, issues: z.core.$ZodIssue[]): Promise<UserError> {
  const found = findings(issues, configSchema, source.value);
  return new UserError(
    await Promise.all(found.map(async (one): Promise<Diagnostic> => {
      const name = one.path.length === 0 ? source.shown : `"${one.path.join(".")}"`;
      switch (one.kind) {
        case "unknown":
          return {
            message: `unknown key ${name}`,
            ...await placed(source, one.path, "key", one.hint),
            notes: [`here may stand: ${one.takes.join(", ")}`],
          };
        case "missing":
          return {
            message: `${name} must be ${one.expected}`,
            ...await placed(source, one.path, "value", undefined),
          };
        case "wrong":
          return {
            message: `${name} must ${one.must}`,
            ...await placed(source, one.path, "value", one.hint),
          };
      }
    })),
  );
}

async function placed(
  source: Source,
  path: Step[],
  on: "key" | "value",
  hint: string | undefined,
): Promise<Pick<Diagnostic, "place" | "hint">> {
  const { locate } = await import("../../pipeline/locate.ts");
  return { place: locate(source, path, { on }), ...(hint === undefined ? {} : { hint }) };
}
