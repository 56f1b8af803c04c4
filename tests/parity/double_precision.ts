/**
 * Computing in double precision, for comparisons in training mode.
 *
 * There, one ReLU that falls on the other side of 0 changes every gradient in front of it by up to a
 * percent, and float32 in another order of sums than PyTorch's makes one fall now and then; which one
 * depends on the processor. The fixtures' tolerances are made from PyTorch's own distance between
 * float32 and float64, so float64 meets them on any processor.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { BATCH_NORM } from "../../ml/tensor/gradients/batch_norm.ts";
import {
  AttributeType,
  type Binding,
  type OpAttribute,
} from "../../ml/tensor/tensorflow/binding.ts";
import { DataType } from "../../ml/tensor/tensorflow/c_api.ts";
import { currentBinding } from "../../ml/tensor/tensorflow/start.ts";

/** The backend whose kernels these are. */
const BACKEND = "tensorflow";

/** TensorFlow's number of float64. */
const DOUBLE = 2;

/** Operations that take the input of this place, or give their result, in float32 whatever else is. */
const FLOAT_INPUT: Record<string, number> = { ResizeBilinearGrad: 0 };
const FLOAT_RESULT = ["ResizeBilinear"];

/**
 * Does some work in which all that tfjs takes for float32 is float64. Tensors must be made and read
 * inside. Nothing is traced. Other backends than TensorFlow's do the work as always.
 */
export async function inDoublePrecision<T>(work: () => Promise<T>): Promise<T> {
  const binding = currentBinding();
  if (binding === undefined) return await work();
  const undo = [doubleTypes(binding), withoutFusedBatchNorm(), withDilatedDepthwise()];
  try {
    return await work();
  } finally {
    for (const step of undo) step();
  }
}

/** How far a training in float32 may be off, in tolerances: a ReLU that falls otherwise, a percent. */
const CHAOS = 100;

/**
 * A comparison that may fit in double precision or in single: tolerances are those of whole tensors,
 * and of some the file lists so few numbers that PyTorch's own rounding shows in them. In single, as
 * people train, it must come close in any case.
 *
 * @param compare is told how many times the stored tolerances are allowed
 */
export async function inEitherPrecision(
  compare: (slack: number) => Promise<void>,
): Promise<void> {
  try {
    await inDoublePrecision(() => compare(1));
  } catch (error) {
    try {
      await compare(1);
    } catch {
      throw error;
    }
  }
  await compare(CHAOS);
}

/** What of the binding is replaced. */
type Replaced = Pick<Binding, "createTensor" | "executeOp" | "tensorDataSync" | "recorder"> & {
  TF_FLOAT: number;
};

/** tfjs asks the binding what number float32 has. */
function doubleTypes(binding: Binding): () => void {
  const patched = binding as Replaced;
  const { createTensor, executeOp, tensorDataSync, TF_FLOAT, recorder } = binding;
  const cast = (id: number, from: number, to: number): number => {
    const attributes = [typeAttribute("SrcT", from), typeAttribute("DstT", to)];
    return executeOp.call(binding, "Cast", attributes, [id], 1)[0].id;
  };
  const typeOf = (id: number) => binding.tensorflow.c.TFE_TensorHandleDataType(binding.handle(id));
  /** As if a step was being recorded already, so that none is; what runs, runs at once. */
  const atOnce = <A extends unknown[], R>(run: (...args: A) => R) => (...args: A): R => {
    patched.recorder = undefined;
    try {
      return run(...args);
    } finally {
      patched.recorder = {} as Replaced["recorder"];
    }
  };

  patched.TF_FLOAT = DOUBLE;
  patched.createTensor = atOnce((shape, dtype, values) => {
    if (dtype !== DOUBLE) return createTensor.call(binding, shape, dtype, values);
    const single = createTensor.call(binding, shape, DataType.FLOAT, values);
    const double = cast(single, DataType.FLOAT, DOUBLE);
    binding.deleteTensor(single);
    return double;
  });
  patched.executeOp = atOnce((name, attributes, inputs, outputs) => {
    const place = FLOAT_INPUT[name];
    const ids = inputs.map((id, i) => i === place ? cast(id, DOUBLE, DataType.FLOAT) : id);
    const results = executeOp.call(binding, name, attributes.map(doubled), ids, outputs);
    if (place !== undefined) binding.deleteTensor(ids[place]);
    if (!FLOAT_RESULT.includes(name)) return results;
    return results.map(({ id, shape }) => {
      const double = cast(id, DataType.FLOAT, DOUBLE);
      binding.deleteTensor(id);
      return { id: double, shape, dtype: DOUBLE };
    });
  });
  patched.tensorDataSync = atOnce((id) => {
    if (typeOf(id) !== DOUBLE) return tensorDataSync.call(binding, id);
    const single = cast(id, DOUBLE, DataType.FLOAT);
    const values = tensorDataSync.call(binding, single);
    binding.deleteTensor(single);
    return values;
  });
  patched.recorder = {} as Replaced["recorder"];
  return () => {
    Object.assign(patched, { createTensor, executeOp, tensorDataSync, TF_FLOAT, recorder });
  };
}

/** An attribute as it is for float64 where it was for float32. */
function doubled(attribute: OpAttribute): OpAttribute {
  return attribute.type === AttributeType.TYPE && attribute.value === DataType.FLOAT
    ? { ...attribute, value: DOUBLE }
    : attribute;
}

function typeAttribute(name: string, value: number): OpAttribute {
  return { name, type: AttributeType.TYPE, value };
}

/** TensorFlow has it for float32 only; without it the project goes step by step. */
function withoutFusedBatchNorm(): () => void {
  const kernel = kernelOf(BATCH_NORM);
  tf.unregisterKernel(BATCH_NORM, BACKEND);
  return () => tf.registerKernel(kernel);
}

/** The same by an undilated convolution of every d-th cell; TensorFlow's own is for float32 only. */
function withDilatedDepthwise(): () => void {
  const kernel = kernelOf(tf.DepthwiseConv2dNative);
  const replace = (by: tf.KernelConfig) => {
    tf.unregisterKernel(tf.DepthwiseConv2dNative, BACKEND);
    tf.registerKernel(by);
  };
  replace({
    ...kernel,
    kernelFunc(call) {
      const { strides, dilations, pad } = call.attrs as unknown as DepthwiseAttributes;
      const [d] = [dilations].flat();
      if (d === 1) return kernel.kernelFunc(call);
      const [x, filter] = [call.inputs.x, call.inputs.filter] as tf.Tensor4D[];
      const { padInfo } = tf.backend_util.computeConv2DInfo(
        x.shape,
        filter.shape,
        strides,
        d,
        pad,
        undefined,
        true,
      );
      const axis = (size: number, before: number, after: number): [number, number][] => {
        const extra = (d - (size + before + after) % d) % d;
        return [[before, after + extra], [0, extra]];
      };
      const [rows, cutRows] = axis(x.shape[1], padInfo.top, padInfo.bottom);
      const [columns, cutColumns] = axis(x.shape[2], padInfo.left, padInfo.right);
      return tf.tidy(() => {
        const split = tf.spaceToBatchND(x, [d, d], [rows, columns]);
        const seen = tf.depthwiseConv2d(split, filter, 1, "valid");
        return tf.batchToSpaceND(seen, [d, d], [cutRows, cutColumns]);
      });
    },
  });
  return () => replace(kernel);
}

/** What a dilated depthwise convolution of stride 1 is told. */
interface DepthwiseAttributes {
  strides: number | [number, number];
  dilations: number | [number, number];
  pad: "same" | "valid";
}

function kernelOf(name: string): tf.KernelConfig {
  const kernel = tf.getKernel(name, BACKEND);
  if (kernel === undefined) throw new Error(`There is no kernel ${name}`);
  return kernel;
}
