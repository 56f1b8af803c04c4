/**
 * What a file of weights holds, whichever format it has: values, and tensors that are read when
 * asked for.
 *
 * @module
 */
import type { DType, Numbers } from "./dtypes.ts";

/** The formats that are read. */
export type Format = "torch-zip" | "torch-legacy" | "torch-tar" | "safetensors" | "npz" | "npy";

/** A tensor in a file. Nothing of its numbers is in memory. */
export interface StoredTensor {
  dtype: DType;
  /** PyTorch's; empty for a single number. */
  shape: number[];
  /**
   * The numbers, row-major, in the file's own type; see {@link Numbers}.
   *
   * @throws {InputError} if the file is gone, cut off or damaged by now
   */
  read(): Promise<Numbers>;
  /** The same as little-endian bytes in the file's own type. @throws {InputError} as `read()` */
  readBytes(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A tensor and where it lies. */
export interface PathTensor extends StoredTensor {
  /** Keys of dicts and indices of lists, from the outside in; empty if it is all the file holds. */
  path: string[];
}

/** What a dict may be indexed by: also a tuple of such. */
export type Key = Plain | Plain[];

/** A value without parts. */
export type Plain = string | number | bigint | boolean | null;

/**
 * A value as a checkpoint holds it. Dicts are maps in the file's order; tuples and sets are lists.
 * Integers that a number cannot hold are bigints. No value contains itself.
 */
export type Value =
  | Plain
  | Uint8Array
  | StoredTensor
  | Value[]
  | Map<Key, Value>;

/** An opened file of weights. Holds no handle: each read opens the file anew. */
export interface WeightsFile {
  /** As it was given. */
  file: string;
  format: Format;
  /** All that the file holds. */
  tree: Value;
  /** Every tensor, in the file's order; again under each path where it is shared. */
  tensors: Iterable<PathTensor>;
  /** Texts that the format keeps beside the tensors. */
  metadata: Record<string, string>;
}

/** Whether a value is a tensor. */
export function isTensor(value: unknown): value is StoredTensor {
  return typeof value === "object" && value !== null && "readBytes" in value;
}
