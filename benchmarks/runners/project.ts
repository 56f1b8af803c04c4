/**
 * The same graph of trivial stages for every runner: stage i copies `src/i.txt` to `out/i.txt`.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The project that is measured. */
export const HOME = resolve(import.meta.dirname!, "../..");

/** `chain`: each stage also waits for the one before. `fan`: all wait for the first. */
export type Shape = "chain" | "fan";

/** Index of the stage that stage i waits for; undefined for the first. */
export function before(shape: Shape, i: number): number | undefined {
  if (i === 0) return undefined;
  return shape === "chain" ? i - 1 : 0;
}

/** Indices of all stages. */
export function indices(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Writes files below a folder. @param files path → text */
export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, text);
  }
}

/** The files that the stages copy. */
export function sources(count: number): Record<string, string> {
  return Object.fromEntries(indices(count).map((i) => [`src/${i}.txt`, `text ${i}\n`]));
}

const COPY = `
import { z } from "zod";
import { artifact, defineStage, externalPath, optional } from "../runner/stage.ts";

export default defineStage({
  summary: "Copies a file",
  params: z.strictObject({ from: externalPath() }),
  inputs: { after: optional(artifact("text")) },
  outputs: { text: artifact("text") },
  async run({ params, outputs }) {
    await Deno.copyFile(params.from, outputs.text + "/text.txt");
  },
});
`;

/** The project and pipeline for this project's own runner: `copies.yaml`. */
export function ownFiles(shape: Shape, count: number): Record<string, string> {
  const { imports } = JSON.parse(Deno.readTextFileSync(join(HOME, "deno.json")));
  const contract = pathToFileURL(join(HOME, "runner/stage.ts")).href;
  const stages = indices(count).map((i) => {
    const waitsFor = before(shape, i);
    const inputs = waitsFor === undefined ? "" : `, inputs: {after: s${waitsFor}.text}`;
    return `  s${i}: {uses: copy, with: {from: src/${i}.txt}${inputs}}\n`;
  });
  return {
    "deno.json": JSON.stringify({ imports: { zod: imports.zod }, nodeModulesDir: "none" }),
    "runner/stage.ts": `export * from ${JSON.stringify(contract)};\n`,
    "stages/copy.ts": COPY,
    "copies.yaml": `stages:\n${stages.join("")}`,
  };
}
