/**
 * Writes a network with its weights in one of the formats that other programs read.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import type { Params } from "../nn/params.ts";
import { writeSafetensors } from "./safetensors.ts";

/** Of the pictures of an ONNX model. */
const AXES = ["batch", "channels", "height", "width"];

/** What is written, and how. */
export interface ExportOptions {
  format: "onnx" | "pth" | "safetensors";
  /** What the network's file builds. */
  net: unknown;
  params: Params;
  /** The folder below `models` that its file is in: it says what the network is called with. */
  kind: string;
  /** Height, width and channels of the pictures of an ONNX model, where they cannot vary. */
  sample: readonly [height: number, width: number, channels: number];
  /** Notes in the file, where the format has room for them. */
  metadata: Record<string, string>;
}

/** What there is to know of a written file. */
export interface ExportDescription {
  format: ExportOptions["format"];
  /** Of an ONNX model, channels first; null for axes that may have any size. */
  input?: (number | null)[];
  outputs?: Record<string, (number | null)[]>;
  /** In words. */
  notes: string[];
}

/**
 * Writes a file. Equal input gives equal bytes.
 *
 * @throws {InputError} if the format has no room for such a network
 */
export async function exportNetwork(
  file: string,
  { format, net, params, kind, sample, metadata }: ExportOptions,
): Promise<ExportDescription> {
  if (format === "onnx") {
    const { exportOnnx } = await import("./onnx/export_onnx.ts");
    const { KINDS, networkOutputs } = await import("./onnx/network_outputs.ts");
    if (!KINDS.includes(kind)) {
      throw new InputError(
        `Cannot write networks of models/${kind} as ONNX; expected one of ${KINDS.join(", ")}`,
      );
    }
    const model = await exportOnnx(networkOutputs(kind, net), params, sample, metadata);
    await Deno.writeFile(file, model.bytes);
    const outputs = Object.entries(model.outputs);
    return {
      format,
      input: closed(model.input),
      outputs: Object.fromEntries(outputs.map(([name, dims]) => [name, closed(dims)])),
      notes: [
        `input: RGB in [0, 1], ${shown(model.input, AXES)}`,
        ...sizeNote(model.input, model.multiple),
        ...outputs.map(([name, dims]) => `output ${name}: ${shown(dims, AXES.slice(0, 1))}`),
      ],
    };
  }
  const tensors = await params.snapshot();
  if (format === "pth") {
    const { writeStateDict } = await import("./write_torch/state_dict.ts");
    await writeStateDict(file, tensors);
  } else await writeSafetensors(file, tensors, metadata);
  const count = tensors.reduce((sum, { data }) => sum + data.length, 0);
  return {
    format,
    notes: [`${tensors.length} tensors, ${count} numbers, in PyTorch's names and shapes`],
  };
}

function sizeNote(
  [batch, , height, width]: readonly (number | undefined)[],
  multiple: number | undefined,
): string[] {
  const notes = batch === undefined ? [] : ["the batch is fixed: the network counts its images"];
  if (height !== undefined || width !== undefined) {
    notes.push(
      "height and width are fixed: the network computes otherwise at other sizes; " +
        "write another model for another --size",
    );
  } else if (multiple !== undefined && multiple > 1) {
    notes.push(`height and width must be multiples of ${multiple}: smaller parts are not padded`);
  }
  return notes;
}

function closed(dims: readonly (number | undefined)[]): (number | null)[] {
  return dims.map((size) => size ?? null);
}

/** How dimensions are shown; `names` are those of open axes, "?" where they follow from the input. */
function shown(dims: readonly (number | undefined)[], names: readonly string[]): string {
  return `[${dims.map((size, axis) => size ?? names[axis] ?? "?").join(", ")}]`;
}
