/**
 * What a pipeline file may say: one definition for the check, the types and the JSON Schema.
 *
 * References (`${params.scale}`) are resolved later; whatever may be one is also allowed to be text.
 *
 * @module
 */
import { z } from "zod";

/** What names of stages, params and profiles look like: they are parts of references. */
export const NAME_RULE = "letters, digits, _ and -, with a letter or _ first";

const name = z.string().regex(/^[A-Za-z_][\w-]*$/, { error: NAME_RULE });
const expression = (error: string) => z.string({ error }).regex(/\$\{/, { error });
const free = z.record(z.string(), z.unknown());

function wholeNumber(least: number) {
  const error = `a whole number from ${least}, or \${params.NAME}`;
  return z.union([z.int({ error }).min(least, { error }), expression(error)], { error });
}

const size = z.union([z.string(), z.int().positive()], { error: "a size such as 2GiB" });

const resources = z.strictObject({
  cpu: wholeNumber(1).nullish().describe("Threads to compute with. Default 1"),
  memory: z.union([size, z.array(size).min(1)], {
    error: "a size such as 2GiB, or a list of rising sizes",
  })
    .nullish()
    .describe("Memory it needs, such as 2GiB; of a list, the next size where one was too little"),
  gpu: wholeNumber(0).nullish().describe("GPUs it needs. Default 0"),
  slots: z.record(name, wholeNumber(1)).nullish()
    .describe("How many it takes of what the pipeline counts in its own slots"),
  mutex: z.array(name).nullish().describe("Names; of stages that share one, one runs at a time"),
});

const references = z.union([z.string(), z.array(z.string()), z.null()], {
  error: "STAGE.OUTPUT, or a list of them",
});

const AXIS = "a list of values, or ${params.NAME}";
const axis = z.union([
  z.array(
    z.union([z.string(), z.number(), z.boolean()], { error: "text, a number, true or false" }),
  ),
  expression(AXIS),
], { error: AXIS });
const cells = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])));
const ZIP = "a mapping of lists, or ${params.NAME}";
const matrix = z.object({
  zip: z.union([z.record(z.string(), axis), expression(ZIP)], { error: ZIP }).optional()
    .describe("Lists, equally long, that walk together: { scale: [2, 4], epochs: [10, 20] }"),
  exclude: cells.optional().describe("Cells to leave out; a cell matches if all given values do"),
  include: cells.optional().describe("Cells to add"),
}).catchall(axis);

const SECONDS = "a number of seconds above 0, or ${params.NAME}";

const stage = z.strictObject({
  description: z.string().optional(),
  uses: z.string().optional().describe("The stage to run: NAME for stages/NAME.ts"),
  with: z.union([free, expression("a mapping of parameters")], {
    error: "a mapping of parameters",
  }).nullish()
    .describe("Parameters of the stage"),
  inputs: z.record(z.string(), references).nullish()
    .describe('Input: STAGE.OUTPUT. "a.x | b.y" takes the first whose stage is in the pipeline'),
  matrix: matrix.nullish().describe("Runs the stage once for each combination of values"),
  when: z.union([z.string(), z.boolean()], { error: "a condition such as ${params.NAME} == word" })
    .optional()
    .describe("Whether the stage is in the pipeline: truth, ==, !=, joined by && or ||"),
  resources: resources.nullish().describe("What it needs of the machine"),
  timeout: z.string({ error: "a time such as 90s, 30m, 12h or 2d" }).nullish()
    .describe("Time after which it is stopped: 90s, 30m, 12h, 2d"),
  grace: z.string({ error: "a time such as 30s" }).nullish()
    .describe("Time to save its work in once it is asked to stop. Default 30s"),
  checkpoint_seconds: z.union([
    z.number({ error: SECONDS }).positive({ error: SECONDS }),
    expression(SECONDS),
  ], { error: SECONDS }).nullish()
    .describe("A stage that trains saves its work so often. Default 30"),
  retries: wholeNumber(0).nullish().describe(
    "Times it is started again after a failure. Default 0",
  ),
});

const included = z.strictObject({
  pipeline: z.string().optional().describe("The pipeline file, relative to this one"),
  profile: z.string().nullish().describe("One of its profiles"),
  params: free.nullish().describe("Params to lay over the profile"),
}, { error: "a mapping such as { pipeline: FILE }" });

/** One pipeline file. After merging with what it extends it has at least one stage or include. */
export const fileSchema = z.strictObject({
  description: z.string().optional().describe("What the pipeline is for"),
  extends: z.union([z.string(), z.array(z.string())], { error: "a path, or a list of paths" })
    .optional()
    .describe("Files this one builds on, relative to it; this one wins, and later ones in a list"),
  params: z.record(name, z.unknown()).nullish().describe("Values that ${params.NAME} stands for"),
  profiles: z.record(name, free.nullable()).nullish()
    .describe("Named sets of params to lay over the defaults (--profile NAME)"),
  include: z.record(name, included).nullish()
    .describe(
      "Other pipelines that belong to this one, by the name that stands before their stages",
    ),
  slots: z.record(name, wholeNumber(1)).nullish()
    .describe("How many there are of things that stages share, such as { disk: 2 }"),
  stages: z.record(name, stage).nullish().describe("The steps, by name"),
});

/** The content of a file that {@link fileSchema} accepts. */
export type PipelineFile = z.infer<typeof fileSchema>;
/** One entry under `stages`. */
export type StageEntry = z.infer<typeof stage>;
