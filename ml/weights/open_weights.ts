/**
 * Opens files of weights by what they hold, not by how they are called.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { isNpy, isNpz, readNpy, readNpz } from "./numpy.ts";
import { isSafetensors, readSafetensorsFile } from "./safetensors_file.ts";
import type { Format, Value, WeightsFile } from "./stored_tensor.ts";
import { Stretch } from "./stretch.ts";
import { readTorchLegacy } from "./torch/legacy.ts";
import { isTar, readTorchTar } from "./torch/tar.ts";
import { isTorchZip, readTorchZip } from "./torch/zip.ts";
import { type Counts, countTensors, tensorsBelow } from "./tree.ts";
import { zipEntries } from "./zip_entries.ts";

/** Bytes that tell what a file is. */
const START = 512;

/**
 * Opens a checkpoint of PyTorch (the zip, the legacy and the tar format), a .safetensors, .npz or
 * .npy file. Executes nothing of it, and reads no tensor before it is asked for.
 *
 * @throws {InputError} that names the file and the place: it is of no such format, cut off, damaged,
 * or asks for code to be run
 */
export async function openWeights(file: string): Promise<WeightsFile> {
  const whole = await Stretch.of(file);
  const { format, tree, metadata = {} } = await contents(whole);
  let counts: Counts;
  try {
    counts = countTensors(tree);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`Cannot read ${file}: ${error.message}`, { cause: error });
  }
  const tensors = { [Symbol.iterator]: () => tensorsBelow(tree, counts) };
  return { file, format, tree, tensors, metadata };
}

interface Contents {
  format: Format;
  tree: Value;
  metadata?: Record<string, string>;
}

async function contents(file: Stretch): Promise<Contents> {
  const start = await file.read(0, Math.min(START, file.size));
  if (start[0] === 0x50 && start[1] === 0x4B) return await zipContents(file);
  if (isNpy(start)) return { format: "npy", tree: await readNpy(file) };
  if (isTar(start)) return { format: "torch-tar", tree: await readTorchTar(file) };
  // Protocol 2 and later begin with 0x80, protocol 0 with the magic number's digits.
  if (start[0] === 0x80 || isOldMagic(start)) {
    return { format: "torch-legacy", tree: await readTorchLegacy(file) };
  }
  if (isSafetensors(start)) return { format: "safetensors", ...await readSafetensorsFile(file) };
  throw new InputError(`Cannot read ${file.file}: ${otherThing(start)}`);
}

/** What a file is that is none of weights, and what to do. */
function otherThing(start: Uint8Array): string {
  const text = new TextDecoder().decode(start);
  if (text.startsWith("version https://git-lfs")) {
    return "it is a pointer of Git LFS, which stands for a file; fetch that by git lfs pull";
  }
  if (/^\s*<(!doctype|html)/i.test(text)) {
    return "it is a web page, saved in the place of a file; download the file itself";
  }
  return "it is no file of weights; expected a checkpoint of PyTorch (.pth, .pt), .safetensors, " +
    ".npz or .npy";
}

async function zipContents(file: Stretch): Promise<Contents> {
  const entries = await zipEntries(file);
  if (isTorchZip(entries)) {
    return { format: "torch-zip", tree: await readTorchZip(file, entries) };
  }
  if (isNpz(entries)) return { format: "npz", tree: await readNpz(file, entries) };
  throw new InputError(
    `Cannot read ${file.file}: it is a zip archive without data.pkl or .npy files, so neither a ` +
      "checkpoint of PyTorch nor of NumPy; if it holds one, unpack it first",
  );
}

function isOldMagic(start: Uint8Array): boolean {
  return new TextDecoder().decode(start).startsWith("L119547037146038801333356L\n");
}
