/**
 * PyTorch's storages: stretches of numbers that tensors are views of.
 *
 * @module
 */
import { type DType, isDType, sizeOf } from "../dtypes.ts";
import type { StoredTensor } from "../stored_tensor.ts";
import type { Stretch } from "../stretch.ts";
import type { View } from "../strided.ts";
import { viewTensor } from "../view_tensor.ts";
import { Opaque } from "./pickle.ts";

/** PyTorch's names of storages, without `Storage`. */
const DTYPES: Record<string, DType> = {
  Double: "float64",
  Float: "float32",
  Half: "float16",
  BFloat16: "bfloat16",
  Long: "int64",
  Int: "int32",
  Short: "int16",
  Char: "int8",
  Byte: "uint8",
  Bool: "bool",
  ComplexDouble: "complex128",
  ComplexFloat: "complex64",
};

/** The class of a storage, on whatever device it was. */
export class StorageType extends Opaque {
  /**
   * @param description its name in Python
   * @param dtype undefined if it holds bytes that each tensor gives their type
   */
  constructor(readonly description: string, readonly dtype: DType | undefined) {
    super();
  }

  /** Bytes of one element. */
  get elementSize(): number {
    return this.dtype === undefined ? 1 : sizeOf(this.dtype);
  }
}

/** The storage class of this name, undefined if it is none whose numbers are plain. */
export function storageType(name: string): StorageType | undefined {
  if (/^torch\.(storage\.)?UntypedStorage$/.test(name)) return new StorageType(name, undefined);
  const kind = /^torch\.(?:cuda\.)?([A-Za-z0-9]+)Storage$/.exec(name)?.[1];
  if (kind === undefined || !Object.hasOwn(DTYPES, kind)) return undefined;
  return new StorageType(name, DTYPES[kind]);
}

/** The type of a `torch.float32` and the like; undefined if it is none that is read. */
export function torchDType(name: string): DType | undefined {
  const dtype = /^torch\.([a-z0-9_]+)$/.exec(name)?.[1];
  return dtype !== undefined && isDType(dtype) ? dtype : undefined;
}

/** Numbers in a file that tensors are views of. */
export class Storage extends Opaque {
  override readonly description = "a storage";

  /**
   * @param type of its elements
   * @param size bytes
   * @param find where it is; asked when numbers are read
   * @param bigEndian whether the machine that wrote it was
   */
  constructor(
    readonly type: StorageType,
    readonly size: number,
    readonly find: () => Stretch | Promise<Stretch>,
    readonly bigEndian = false,
  ) {
    super();
  }
}

/**
 * A tensor that is a view of a storage.
 *
 * @param dtype of an untyped storage's numbers
 * @throws {RangeError} that says what is wrong: it reaches beyond the storage
 */
export function tensorOf(storage: Storage, view: View, dtype = storage.type.dtype): StoredTensor {
  if (dtype === undefined) throw new RangeError("a tensor of an untyped storage has no type");
  return viewTensor(storage, view, dtype);
}
