/**
 * `deno task weights FILE`: what a file of weights holds. Nothing in it is run.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import pico from "picocolors";
import { print, printError, USER_MISTAKE } from "../runner/commands/options.ts";
import { formatDiagnostics, UserError } from "../runner/diagnostic.ts";
import { count, formatBytes } from "../runner/ui/format.ts";
import { renderTable } from "../runner/ui/table.ts";
import { sizeOf } from "../ml/weights/dtypes.ts";
import { findWeights } from "../ml/weights/find_weights.ts";
import { openWeights } from "../ml/weights/open_weights.ts";
import type { Format, StoredTensor, WeightsFile } from "../ml/weights/stored_tensor.ts";

/** What formats are called. */
const FORMATS: Record<Format, string> = {
  "torch-zip": "PyTorch's zip format",
  "torch-legacy": "PyTorch's legacy format, before 1.6",
  "torch-tar": "PyTorch's tar format, of 2016",
  "safetensors": "safetensors",
  "npz": "NumPy's arrays in a zip archive",
  "npy": "an array of NumPy's",
};

/** More lines are not read; `--json` has them all. */
const MOST_LINES = 5000;

const HELP = `
Reads .pth, .pt, .safetensors, .npz and .npy by what they hold, whatever they are called. A
checkpoint that names code is refused, and nothing of it is run.

Levels of dicts stand in names with "/". --part shows what a network would be given: the tensors
below these keys, without "module.".

Examples:
  deno task weights EDSR_x4.pth
  deno task weights checkpoint.pth --part net_sr
  deno task weights RRDB.pth --part params_ema --json
`;

interface Options {
  part?: string;
  json?: boolean;
}

interface Listed extends Pick<StoredTensor, "dtype" | "shape"> {
  name: string;
}

/** Runs the program. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const program = new Command("deno task weights")
    .description("Shows what a file of weights holds: names, types and shapes of its tensors")
    .argument("<file>", ".pth, .pt, .safetensors, .npz or .npy")
    .option("--part <keys>", "only the weights below these keys, such as net_sr or ema/state_dict")
    .option("--json", "for programs")
    .addHelpText("after", HELP)
    .exitOverride();
  try {
    await program.parseAsync(args, { from: "user" });
    await show(program.args[0], program.opts<Options>());
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USER_MISTAKE;
    if (error instanceof Error && error.name === "InputError") {
      printError(formatDiagnostics(mistake(error.message)));
      return USER_MISTAKE;
    }
    throw error;
  }
}

async function show(file: string, { part, json }: Options): Promise<void> {
  const opened = await openWeights(file);
  const tensors = listed(opened, part);
  if (json) {
    const { format, metadata } = opened;
    print(JSON.stringify({ file, format, metadata, tensors }, null, 2) + "\n");
    return;
  }
  const bytes = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const rows = tensors.slice(0, MOST_LINES)
    .map(({ name, dtype, shape }) => [printable(name), dtype, `[${shape.join(", ")}]`]);
  const title = `${file}: ${FORMATS[opened.format]}, ${count(tensors.length, "tensor")}, ` +
    formatBytes(bytes);
  const colors = pico.createColors(!Deno.noColor && Deno.stdout.isTerminal());
  print(renderTable({ title, columns: ["name", "dtype", "shape"], rows }, colors));
  const more = tensors.length - rows.length;
  if (more > 0) print(`  ... and ${more} more; --json shows all\n`);
  for (const [key, value] of Object.entries(opened.metadata)) {
    print(`  ${printable(key)}: ${printable(value)}\n`);
  }
}

/** The tensors of the file, or of the part under the names that a network knows. */
function listed(opened: WeightsFile, part: string | undefined): Listed[] {
  const named = part === undefined
    ? [...opened.tensors].map(({ path, ...rest }) => ({ ...rest, name: path.join("/") }))
    : findWeights(opened, { part }).tensors;
  return named.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
}

function bytesOf({ dtype, shape }: Listed): number {
  return shape.reduce((product, n) => product * n, sizeOf(dtype));
}

/** The first line says what happened, those below what there is to choose from. */
function mistake(text: string): UserError {
  const [message, ...notes] = text.split("\n");
  return new UserError({ message, notes: notes.map((note) => note.trim()) });
}

/** Takes the teeth out of characters that would move the cursor: names come from anywhere. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}

if (import.meta.main) {
  // A task runs in the project's folder; the paths that a person types start where the person stands.
  const here = Deno.env.get("INIT_CWD");
  if (here) Deno.chdir(here);
  Deno.exit(await main(Deno.args));
}
