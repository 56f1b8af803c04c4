/**
 * What the stage `import_weights` writes: weights, and `import.json` that says what they are.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../../image/input_error.ts";
import { writeSafetensors } from "../safetensors.ts";
import type { ImportedWeights } from "./import_weights.ts";

/** Which network the weights are of. */
const description = z.object({
  part: z.enum(["sr", "task"]),
  /** A file below `models`. */
  network: z.string(),
  options: z.record(z.string(), z.unknown()),
  report: z.object({
    counts: z.record(z.string(), z.number()),
    missing: z.array(z.string()),
  }),
});

/** What is known of imported weights. */
export type ImportDescription = z.infer<typeof description>;

/** Writes `PART.safetensors` and `import.json`. */
export async function writeImport(
  folder: string,
  part: "sr" | "task",
  network: string,
  { tensors, options, report }: ImportedWeights,
): Promise<void> {
  await writeSafetensors(weightsFile(folder, part), tensors);
  const described = { part, network, options, report };
  await Deno.writeTextFile(`${folder}/${FILE}`, JSON.stringify(described, null, 2) + "\n");
}

/**
 * Reads `import.json` and holds that nothing of the network is left to chance.
 *
 * @throws {InputError} if the weights are of no known network, of the other part, or incomplete
 */
export async function readWholeImport(
  folder: string,
  part: "sr" | "task",
): Promise<ImportDescription> {
  const text = await Deno.readTextFile(`${folder}/${FILE}`).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (text === undefined) {
    throw new InputError(
      `Cannot use the weights of ${part}: it is not known of which network they are; ` +
        "give the stage import_weights that made them a network",
    );
  }
  const found = description.parse(JSON.parse(text));
  if (found.part !== part) {
    throw new InputError(`Cannot use the weights of ${found.part} as those of ${part}`);
  }
  const { counts } = found.report;
  const left = counts.missing + counts.wrong_shape + counts.other_classes;
  if (left > 0) {
    throw new InputError(
      `Cannot use the weights of ${part}: ${left} tensors of ${found.network} are not among them; ` +
        "with strict: true the stage import_weights names them",
    );
  }
  return found;
}

/** Where the weights of a part lie. */
export function weightsFile(folder: string, part: "sr" | "task"): string {
  return `${folder}/${part}.safetensors`;
}

const FILE = "import.json";
