/**
 * One TensorFlow context: status checks, C strings, tensors in and out.
 *
 * @module
 */
import { ELEMENT_BYTES, loadTensorFlow, type TensorFlowLibrary } from "./c_api.ts";

/** Values of a tensor as tfjs hands them over. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** What everything else in this folder needs to call TensorFlow. */
export interface Context {
  c: TensorFlowLibrary["symbols"];
  version: string;
  /** Whether TensorFlow sees a GPU. */
  gpu: boolean;
  context: Deno.PointerObject;
  /** Reused by every call; {@link check} reads it. */
  status: Deno.PointerObject;
  /** Throws TensorFlow's own words if the last call failed. */
  check(action: string): void;
  /** A NUL-terminated copy of `text` that stays where it is for the life of the process. */
  text(text: string): Deno.PointerObject;
}

/** Lets TensorFlow copy between host and device as an operation needs it. */
const PLACEMENT_SILENT = 2;

/**
 * Starts TensorFlow.
 *
 * @param folder holds the two shared libraries
 * @param threads inside one operation; the bits of results depend on it
 */
export function startTensorFlow(folder: string, threads: number): Context {
  const c = loadTensorFlow(folder).symbols;
  const status = present(c.TF_NewStatus(), "TF_NewStatus");
  const strings = new Map<string, { pointer: Deno.PointerObject; bytes: Uint8Array }>();

  const check = (action: string) => {
    if (c.TF_GetCode(status) === 0) return;
    throw new Error(`Cannot ${action}: ${readText(c.TF_Message(status))}`);
  };
  const text = (text: string) => {
    let entry = strings.get(text);
    if (entry === undefined) {
      const encoded = new TextEncoder().encode(text + "\0");
      // Its own buffer: V8 may move small arrays, but never an ArrayBuffer's bytes.
      const bytes = new Uint8Array(new ArrayBuffer(encoded.length));
      bytes.set(encoded);
      entry = { pointer: present(Deno.UnsafePointer.of(bytes), "a string"), bytes };
      strings.set(text, entry);
    }
    return entry.pointer;
  };

  const options = present(c.TFE_NewContextOptions(), "TFE_NewContextOptions");
  // ConfigProto: intra_op_parallelism_threads (field 2), inter_op_parallelism_threads (field 5).
  const config = Uint8Array.of(0x10, threads, 0x28, 1);
  c.TFE_ContextOptionsSetConfig(options, config, BigInt(config.length), status);
  check("configure TensorFlow");
  c.TFE_ContextOptionsSetDevicePlacementPolicy(options, PLACEMENT_SILENT);
  const context = c.TFE_NewContext(options, status);
  check("start TensorFlow");
  c.TFE_DeleteContextOptions(options);

  return {
    c,
    version: readText(c.TF_Version()),
    gpu: seesGpu(c, present(context, "TFE_NewContext"), status),
    context: present(context, "TFE_NewContext"),
    status,
    check,
    text,
  };
}

/** Copies values into a new `TF_Tensor`; the caller deletes it. */
export function allocate(
  { c }: Context,
  shape: readonly number[],
  dtype: number,
  values: Values,
): Deno.PointerObject {
  const bytes = shape.reduce((a, b) => a * b, 1) * elementBytes(dtype);
  const source = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (source.length !== bytes) {
    throw new RangeError(
      `Cannot make a tensor [${shape}] of TensorFlow's type ${dtype}: expected ${bytes} bytes, found ${source.length}`,
    );
  }
  const dims = BigInt64Array.from(shape, BigInt);
  const tensor = present(
    c.TF_AllocateTensor(dtype, dims, shape.length, BigInt(bytes)),
    "TF_AllocateTensor",
  );
  if (bytes > 0) {
    const data = present(c.TF_TensorData(tensor), "TF_TensorData");
    new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, bytes)).set(source);
  }
  return tensor;
}

/** Bytes of one element of a `TF_DataType`. */
export function elementBytes(dtype: number): number {
  const bytes = ELEMENT_BYTES[dtype];
  if (bytes === undefined) {
    throw new TypeError(`Cannot handle TensorFlow's type ${dtype}: only numbers and booleans`);
  }
  return bytes;
}

/** The pointer, or an error that names the call that gave none. */
export function present(pointer: Deno.PointerValue, call: string): Deno.PointerObject {
  if (pointer === null) throw new Error(`Cannot go on: TensorFlow's ${call} gave a null pointer`);
  return pointer;
}

function readText(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

function seesGpu(
  c: TensorFlowLibrary["symbols"],
  context: Deno.PointerObject,
  status: Deno.PointerObject,
): boolean {
  const devices = present(c.TFE_ContextListDevices(context, status), "TFE_ContextListDevices");
  const types = Array.from(
    { length: c.TF_DeviceListCount(devices) },
    (_, i) => readText(c.TF_DeviceListType(devices, i, status)),
  );
  c.TF_DeleteDeviceList(devices);
  return types.includes("GPU");
}
