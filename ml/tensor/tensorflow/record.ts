/**
 * Writes operations down in a TensorFlow graph instead of executing them.
 *
 * @module
 */
import { AttributeType, type Binding, type OpAttribute, type TensorMetadata } from "./binding.ts";
import { type Context, present } from "./context.ts";

/** Operations whose inputs are a list followed by this many single ones. */
const SINGLES_AFTER_LIST: Record<string, number> = { AddN: 0, ConcatV2: 1, Einsum: 0, Pack: 0 };

/** Results that an operation leaves for its gradient alone, in a shape that nobody else knows. */
const OPAQUE: Record<string, readonly number[]> = { FusedBatchNormV3: [5] };

/** A `TF_Output` in memory: pointer, index, padding. */
type Output = Uint8Array<ArrayBuffer>;

/** Records what the binding is told to do. */
export class Recorder {
  readonly graph: Deno.PointerObject;
  /** Tensors that existed before and were met while recording: id → placeholder. */
  readonly captured = new Map<number, Output>();
  private readonly symbols = new Map<number, Output>();
  private readonly tensorflow: Context;
  private operations = 0;

  constructor(private readonly binding: Binding) {
    this.tensorflow = binding.tensorflow;
    this.graph = present(this.tensorflow.c.TF_NewGraph(), "TF_NewGraph");
  }

  /** The place of a tensor in the graph; one from outside becomes a captured input. */
  place(id: number): Output {
    return this.symbols.get(id) ?? this.captured.get(id) ?? this.capture(id);
  }

  /** Makes an input of the function and returns the id it has while recording. */
  placeholder(shape: readonly number[], dtype: number): number {
    return this.remember(this.newPlaceholder(shape, dtype));
  }

  /** Records the value of tensor `id`, so that shape inference sees it. */
  constant(id: number, tensor: Deno.PointerObject, dtype: number): void {
    const { c, status, check, text } = this.tensorflow;
    const description = this.describe("Const");
    c.TF_SetAttrTensor(description, text("value"), tensor, status);
    check("record a constant");
    c.TF_SetAttrType(description, text("dtype"), dtype);
    this.symbols.set(id, output(this.finish(description, "Const"), 0));
  }

  operation(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly number[],
    outputs: number,
  ): TensorMetadata[] {
    const { c } = this.tensorflow;
    const description = this.describe(name);
    const places = inputs.map((id) => this.place(id));
    const singles = SINGLES_AFTER_LIST[name];
    const listed = singles === undefined ? 0 : places.length - singles;
    if (singles !== undefined) {
      const list = new Uint8Array(16 * listed);
      places.slice(0, listed).forEach((place, i) => list.set(place, 16 * i));
      c.TF_AddInputList(description, list, listed);
    }
    for (const place of places.slice(listed)) c.TF_AddInput(description, place);
    for (const attribute of attributes) {
      // TensorFlow counts a list itself and refuses to be told twice.
      if (!(attribute.name === "N" && singles !== undefined)) {
        this.setAttribute(description, attribute);
      }
    }
    const operation = this.finish(description, name);
    const opaque = OPAQUE[name] ?? [];
    return Array.from({ length: outputs }, (_, i) => {
      const place = output(operation, i);
      return opaque.includes(i)
        ? { id: this.remember(place), shape: [], dtype: this.dtype(place) }
        : this.metadata(place, name);
    });
  }

  private capture(id: number): Output {
    const { c, status } = this.tensorflow;
    const handle = this.binding.handle(id);
    const rank = c.TFE_TensorHandleNumDims(handle, status);
    const shape = Array.from(
      { length: rank },
      (_, i) => Number(c.TFE_TensorHandleDim(handle, i, status)),
    );
    const place = this.newPlaceholder(shape, c.TFE_TensorHandleDataType(handle));
    this.captured.set(id, place);
    return place;
  }

  private newPlaceholder(shape: readonly number[], dtype: number): Output {
    const { c, text } = this.tensorflow;
    const description = this.describe("Placeholder");
    c.TF_SetAttrType(description, text("dtype"), dtype);
    c.TF_SetAttrShape(
      description,
      text("shape"),
      BigInt64Array.from(shape, BigInt),
      shape.length,
    );
    return output(this.finish(description, "Placeholder"), 0);
  }

  private metadata(place: Output, operation: string): TensorMetadata {
    const { c, status, check } = this.tensorflow;
    const rank = c.TF_GraphGetTensorNumDims(this.graph, place, status);
    check(`trace ${operation}`);
    const dims = new BigInt64Array(Math.max(rank, 0));
    if (rank > 0) c.TF_GraphGetTensorShape(this.graph, place, dims, rank, status);
    const shape = [...dims].map(Number);
    if (rank < 0 || shape.some((side) => side < 0)) {
      throw new Error(`Cannot trace ${operation}: the shape of its result depends on values`);
    }
    return { id: this.remember(place), shape, dtype: this.dtype(place) };
  }

  private dtype(place: Output): number {
    return this.tensorflow.c.TF_OperationOutputType(place);
  }

  private remember(place: Output): number {
    const id = this.binding.newId();
    this.symbols.set(id, place);
    return id;
  }

  private describe(type: string): Deno.PointerValue {
    const name = new TextEncoder().encode(`n${this.operations++}\0`);
    return this.tensorflow.c.TF_NewOperation(this.graph, this.tensorflow.text(type), name);
  }

  private finish(description: Deno.PointerValue, name: string): Deno.PointerObject {
    const operation = this.tensorflow.c.TF_FinishOperation(description, this.tensorflow.status);
    this.tensorflow.check(`record ${name}`);
    return present(operation, "TF_FinishOperation");
  }

  private setAttribute(description: Deno.PointerValue, { name, type, value }: OpAttribute): void {
    const { c, text } = this.tensorflow;
    const key = text(name);
    if (Array.isArray(value)) {
      const list = BigInt64Array.from(value, BigInt);
      if (type === AttributeType.SHAPE) c.TF_SetAttrShape(description, key, list, list.length);
      else c.TF_SetAttrIntList(description, key, list, list.length);
    } else if (typeof value === "string") {
      c.TF_SetAttrString(description, key, text(value), BigInt(value.length));
    } else if (type === AttributeType.BOOL) c.TF_SetAttrBool(description, key, value ? 1 : 0);
    else if (type === AttributeType.TYPE) c.TF_SetAttrType(description, key, Number(value));
    else if (type === AttributeType.INT) c.TF_SetAttrInt(description, key, BigInt(value));
    else c.TF_SetAttrFloat(description, key, Number(value));
  }
}

function output(operation: Deno.PointerObject, index: number): Output {
  const place = new Uint8Array(16);
  const view = new DataView(place.buffer);
  view.setBigUint64(0, Deno.UnsafePointer.value(operation), true);
  view.setInt32(8, index, true);
  return place;
}
