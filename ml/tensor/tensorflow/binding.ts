/**
 * The binding that tfjs's TensorFlow backend expects, on the C library instead of a Node addon.
 *
 * @module
 */
import { DataType } from "./c_api.ts";
import { allocate, type Context, elementBytes, type Values } from "./context.ts";
import type { Recorder } from "./record.ts";

/** An attribute of an operation, as tfjs's kernels write it. */
export interface OpAttribute {
  name: string;
  type: number;
  value: boolean | number | string | number[];
}

/** What tfjs needs to know of a result. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** `TF_AttrType`. */
export const AttributeType = { STRING: 0, INT: 1, FLOAT: 2, BOOL: 3, TYPE: 4, SHAPE: 5 } as const;

/** Most results of one operation; a traced step gives all its new weights at once. */
const MAX_OUTPUTS = 4096;

/** Executes operations at once, or, while there is a recorder, writes them down. */
export class Binding {
  readonly TF_FLOAT = DataType.FLOAT;
  readonly TF_INT32 = DataType.INT32;
  readonly TF_INT64 = DataType.INT64;
  readonly TF_BOOL = DataType.BOOL;
  readonly TF_COMPLEX64 = DataType.COMPLEX64;
  readonly TF_STRING = DataType.STRING;
  readonly TF_RESOURCE = DataType.RESOURCE;
  readonly TF_UINT8 = DataType.UINT8;
  readonly TF_ATTR_STRING = AttributeType.STRING;
  readonly TF_ATTR_INT = AttributeType.INT;
  readonly TF_ATTR_FLOAT = AttributeType.FLOAT;
  readonly TF_ATTR_BOOL = AttributeType.BOOL;
  readonly TF_ATTR_TYPE = AttributeType.TYPE;
  readonly TF_ATTR_SHAPE = AttributeType.SHAPE;
  readonly TF_ATTR_RESOURCE = -1;
  readonly TF_Version: string;
  // Classes of the addon that tfjs's type asks for and its kernels never use.
  readonly TensorMetadata = undefined as never;
  readonly TFEOpAttr = undefined as never;

  /** Set while a step is being recorded (see trace.ts). */
  recorder: Recorder | undefined;

  private readonly handles = new Map<number, bigint>();
  private nextId = 1;
  private readonly results = new BigUint64Array(MAX_OUTPUTS);
  private readonly resultCount = new Int32Array(1);

  constructor(readonly tensorflow: Context) {
    this.TF_Version = tensorflow.version;
  }

  isUsingGpuDevice(): boolean {
    return this.tensorflow.gpu;
  }

  getNumOfTensors(): number {
    return this.handles.size;
  }

  /** A number that no tensor has yet. */
  newId(): number {
    return this.nextId++;
  }

  /** TensorFlow's handle of a tensor that exists. */
  handle(id: number): bigint {
    const handle = this.handles.get(id);
    if (handle === undefined) throw new Error(`Cannot use tensor ${id}: it was disposed`);
    return handle;
  }

  createTensor(
    shape: number[],
    dtype: number,
    values: Values | boolean[] | number[] | string[] | Uint8Array[],
  ): number {
    const typed = toTyped(values, dtype);
    const { c, status, check } = this.tensorflow;
    const tensor = allocate(this.tensorflow, shape, dtype, typed);
    const id = this.adopt(c.TFE_NewTensorHandle(tensor, status));
    check("make a tensor");
    // tfjs uploads values at first use: a tensor from outside may arrive here in mid-recording and
    // must go on living afterwards, so it is made in both worlds.
    this.recorder?.constant(id, tensor, dtype);
    c.TF_DeleteTensor(tensor);
    return id;
  }

  deleteTensor(id: number): void {
    const handle = this.handles.get(id);
    if (handle === undefined) return; // it lived in a recording only
    this.handles.delete(id);
    this.tensorflow.c.TFE_DeleteTensorHandle(handle);
  }

  tensorDataSync(id: number): Values {
    if (this.recorder !== undefined && !this.handles.has(id)) {
      throw new Error("Cannot trace this step: it reads a tensor's values in the middle");
    }
    const { c, status, check } = this.tensorflow;
    const tensor = c.TFE_TensorHandleResolve(this.handle(id), status);
    check("read a tensor");
    if (tensor === null) throw new Error(`Cannot read tensor ${id}: TensorFlow gave nothing`);
    const dtype = c.TF_TensorType(tensor);
    const length = Number(c.TF_TensorByteSize(tensor)) / elementBytes(dtype);
    const values = emptyOf(dtype, length);
    const data = c.TF_TensorData(tensor);
    if (data !== null && length > 0) Deno.UnsafePointerView.copyInto(data, values);
    c.TF_DeleteTensor(tensor);
    return dtype === DataType.INT64 ? int64ToInt32(values) : values as Values;
  }

  executeOp(
    name: string,
    attributes: OpAttribute[],
    inputs: number[],
    outputs: number,
  ): TensorMetadata[] {
    if (this.recorder !== undefined) {
      return this.recorder.operation(name, attributes, inputs, outputs);
    }
    const { c, context, status, check, text } = this.tensorflow;
    const op = c.TFE_NewOp(context, text(name), status);
    if (op === null) check(`find the operation ${name}`);
    try {
      for (const attribute of attributes) this.setAttribute(op, attribute);
      for (const id of inputs) c.TFE_OpAddInput(op, this.handle(id), status);
      check(`run ${name}`);
      return this.execute(op, name, outputs).map((handle) =>
        this.describe(this.adopt(handle), handle)
      );
    } finally {
      c.TFE_DeleteOp(op);
    }
  }

  /** Another handle on the same tensor, to be given back by {@link release}. */
  share(id: number): bigint {
    const { c, status, check } = this.tensorflow;
    const handle = c.TFE_TensorHandleCopySharingTensor(this.handle(id), status);
    check("share a tensor");
    return handle;
  }

  /** Gives back a handle of {@link share}. */
  release(handle: bigint): void {
    this.tensorflow.c.TFE_DeleteTensorHandle(handle);
  }

  /** Calls a function that the context knows (a traced step). Inputs are handles, not ids. */
  callFunction(
    name: string,
    handles: readonly bigint[],
    results: readonly { shape: number[]; dtype: number }[],
  ): TensorMetadata[] {
    const { c, context, status, check, text } = this.tensorflow;
    const op = c.TFE_NewOp(context, text(name), status);
    check(`find the function ${name}`);
    try {
      for (const handle of handles) c.TFE_OpAddInput(op, handle, status);
      check(`call ${name}`);
      const made = this.execute(op, name, results.length);
      return made.map((handle, i) => ({ id: this.adopt(handle), ...results[i] }));
    } finally {
      c.TFE_DeleteOp(op);
    }
  }

  private execute(op: Deno.PointerValue, name: string, outputs: number): bigint[] {
    const { c, status, check } = this.tensorflow;
    this.resultCount[0] = outputs;
    c.TFE_Execute(op, this.results, this.resultCount, status);
    check(`run ${name}`);
    return [...this.results.subarray(0, this.resultCount[0])];
  }

  private adopt(handle: bigint): number {
    const id = this.nextId++;
    this.handles.set(id, handle);
    return id;
  }

  private describe(id: number, handle: bigint): TensorMetadata {
    const { c, status } = this.tensorflow;
    const rank = c.TFE_TensorHandleNumDims(handle, status);
    const shape = new Array<number>(rank);
    for (let i = 0; i < rank; i++) shape[i] = Number(c.TFE_TensorHandleDim(handle, i, status));
    return { id, shape, dtype: c.TFE_TensorHandleDataType(handle) };
  }

  private setAttribute(op: Deno.PointerValue, { name, type, value }: OpAttribute): void {
    const { c, status, text } = this.tensorflow;
    const key = text(name);
    if (Array.isArray(value)) {
      const list = BigInt64Array.from(value, BigInt);
      if (type === AttributeType.SHAPE) {
        c.TFE_OpSetAttrShape(op, key, list, list.length, status);
      } else c.TFE_OpSetAttrIntList(op, key, list, list.length);
    } else if (typeof value === "string") {
      c.TFE_OpSetAttrString(op, key, text(value), BigInt(value.length));
    } else if (type === AttributeType.BOOL) c.TFE_OpSetAttrBool(op, key, value ? 1 : 0);
    else if (type === AttributeType.TYPE) c.TFE_OpSetAttrType(op, key, Number(value));
    else if (type === AttributeType.INT) c.TFE_OpSetAttrInt(op, key, BigInt(value));
    else if (type === AttributeType.FLOAT) c.TFE_OpSetAttrFloat(op, key, Number(value));
    else throw new TypeError(`Cannot set attribute ${name}: unknown attribute type ${type}`);
  }

  // SavedModels are not used here; tfjs's type asks for the functions.
  loadSavedModel(): number {
    throw new Error("Cannot load a SavedModel: only operations are supported");
  }
  deleteSavedModel(): void {}
  runSavedModel(): TensorMetadata[] {
    throw new Error("Cannot run a SavedModel: only operations are supported");
  }
  getNumOfSavedModels(): number {
    return 0;
  }
}

function toTyped(
  values: Values | boolean[] | number[] | string[] | Uint8Array[],
  dtype: number,
): Values {
  if (!Array.isArray(values)) {
    // tfjs keeps some integer tensors in other arrays than TensorFlow's type asks for.
    if (dtype === DataType.INT32 && !(values instanceof Int32Array)) return Int32Array.from(values);
    if (dtype === DataType.BOOL && !(values instanceof Uint8Array)) return Uint8Array.from(values);
    if (dtype === DataType.FLOAT && !(values instanceof Float32Array)) {
      return Float32Array.from(values);
    }
    return values;
  }
  if (dtype === DataType.FLOAT) return Float32Array.from(values, Number);
  if (dtype === DataType.BOOL || dtype === DataType.UINT8) return Uint8Array.from(values, Number);
  return Int32Array.from(values, Number);
}

function emptyOf(dtype: number, length: number): Values | BigInt64Array {
  if (dtype === DataType.FLOAT) return new Float32Array(length);
  if (dtype === DataType.COMPLEX64) return new Float32Array(2 * length);
  if (dtype === DataType.INT32) return new Int32Array(length);
  if (dtype === DataType.INT64) return new BigInt64Array(length);
  return new Uint8Array(length);
}

function int64ToInt32(values: Values | BigInt64Array): Int32Array {
  return Int32Array.from(values as BigInt64Array, Number);
}
