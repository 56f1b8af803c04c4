/**
 * A temporary project with a few tiny stages, and what loading its pipelines says.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { formatDiagnostics, UserError } from "../../../runner/diagnostic.ts";
import type { Pipeline } from "../../../runner/pipeline/instance.ts";
import { type LoadOptions, loadPipeline } from "../../../runner/pipeline/load.ts";
import { showPath } from "../../../runner/pipeline/source.ts";

/** What a stage's file begins with. */
export const CONTRACT = `
import { z } from "zod";
import { artifact, defineStage, externalPath, many, moduleIn, optional } from
  "${new URL("../../../runner/stage.ts", import.meta.url)}";
`;

const STAGES: Record<string, string> = {
  "stages/source.ts": `${CONTRACT}
export default defineStage({
  summary: "Take pictures from a folder, or make some",
  params: z.strictObject({ path: externalPath().nullish().describe("Folder of pictures") }),
  inputs: {},
  outputs: { images: artifact("images"), labels: artifact("labels") },
  async run() {},
});`,
  "stages/make_lr.ts": `${CONTRACT}
export default defineStage({
  summary: "Shrink pictures",
  params: z.strictObject({ scale: z.literal([4, 8]).default(4).describe("Factor") }),
  inputs: { hr: artifact("images") },
  outputs: { lr: artifact("images") },
  async run() {},
});`,
  "stages/train.ts": `${CONTRACT}
export default defineStage({
  summary: "Train a network",
  params: z.strictObject({
    method: z.enum(["h2t", "l2t", "sr4ir"]).default("h2t"),
    epochs: z.int().positive().default(3),
    network: moduleIn("models/sr").describe("Network").optional(),
    network_options: z.record(z.string(), z.unknown()).optional(),
    optimizer: z.strictObject({ kind: z.enum(["sgd", "adam"]), lr: z.number() }).optional(),
    note: z.string().optional(),
  }),
  inputs: { images: artifact(["images", "crops"]), init: optional(artifact("weights")) },
  outputs: { weights: artifact("weights") },
  async run() {},
});`,
  "stages/compare.ts": `${CONTRACT}
export default defineStage({
  summary: "Compare results",
  params: z.strictObject({}),
  inputs: { all: many(artifact("weights")) },
  outputs: { metrics: artifact("metrics") },
  async run() {},
});`,
  "models/sr/edsr.ts": `
import { z } from "zod";
export const options = z.strictObject({
  scale: z.literal([2, 4]).default(4),
  blocks: z.int().positive().default(16),
});`,
  "models/sr/swinir.ts": "export {};",
};

/** A temporary folder that is removed at the end of the block. */
export interface Project extends AsyncDisposable {
  root: string;
  /** Loads `pipelines/test.yaml`. */
  load(options?: Partial<LoadOptions>): Promise<Pipeline>;
  /** What is shown of its mistakes, with paths relative to the project; "" if there are none. */
  mistakes(options?: Partial<LoadOptions>): Promise<string>;
}

/** Makes a project of `files`; a text alone is `pipelines/test.yaml`. */
export async function project(
  files: string | Record<string, string | Uint8Array>,
): Promise<Project> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const given = typeof files === "string" ? { "pipelines/test.yaml": files } : files;
  for (const [name, content] of Object.entries({ ...STAGES, ...given })) {
    const path = join(root, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    // A text that begins on its own line in the test begins in line 1 of the file.
    if (typeof content === "string") await Deno.writeTextFile(path, content.replace(/^\n/, ""));
    else await Deno.writeFile(path, content);
  }
  const load = (options: Partial<LoadOptions> = {}) =>
    loadPipeline({ root, ...options, file: join(root, options.file ?? "pipelines/test.yaml") });
  return {
    root,
    load,
    async mistakes(options) {
      try {
        await load(options);
        return "";
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const text = formatDiagnostics(error);
        return text.replaceAll(`${showPath(root)}/`, "").replaceAll(`${root}/`, "");
      }
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(root, { recursive: true });
    },
  };
}

/** The mistakes in one pipeline file. */
export async function mistakesIn(
  files: string | Record<string, string | Uint8Array>,
  options: Partial<LoadOptions> = {},
): Promise<string> {
  await using dir = await project(files);
  return await dir.mistakes(options);
}
