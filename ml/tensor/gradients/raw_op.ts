/**
 * Calls a TensorFlow operation that tfjs has no kernel for.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { AttributeType, type OpAttribute } from "../tensorflow/binding.ts";

/** What tfjs's TensorFlow backend offers beyond kernels. */
interface OpRunner {
  executeSingleOutput(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.TensorInfo[],
  ): tf.TensorInfo;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.TensorInfo[],
    outputs: number,
  ): tf.TensorInfo[];
}

/** TensorFlow's number of float32, the type of every tensor here. */
const FLOAT = 1;

/** Inputs and attributes as tfjs hands them to a kernel. */
export interface KernelCall {
  inputs: Record<string, tf.TensorInfo>;
  attrs: Record<string, unknown>;
  /** Runs the operation `name` on float32 tensors. */
  run(name: string, attributes: OpAttribute[], inputs: tf.TensorInfo[]): tf.TensorInfo;
  /** Runs an operation that has so many results. */
  runAll(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.TensorInfo[],
    outputs: number,
  ): tf.TensorInfo[];
  /** Whole numbers as an input; a list unless a shape is given. */
  ints(values: readonly number[], shape?: number[]): tf.TensorInfo;
}

/**
 * Registers a kernel of the tensorflow backend, in place of one that is there.
 *
 * @param body calls operations; what {@link KernelCall.ints} made is freed afterwards
 */
export function registerTensorFlowKernel(
  kernelName: string,
  body: (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[],
): void {
  const backendName = "tensorflow";
  if (tf.getKernel(kernelName, backendName) !== undefined) {
    tf.unregisterKernel(kernelName, backendName);
  }
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const made: tf.Tensor[] = [];
      const runner = runnerOf(backend);
      const typed = (attributes: OpAttribute[]) => [floatType("T"), ...attributes];
      const result = body({
        inputs: { ...inputs } as Record<string, tf.TensorInfo>,
        attrs: { ...attrs },
        run: (name, attributes, tensors) =>
          runner.executeSingleOutput(name, typed(attributes), tensors),
        runAll: (name, attributes, tensors, outputs) =>
          runner.executeMultipleOutputs(name, typed(attributes), tensors, outputs),
        ints(values, shape = [values.length]) {
          const tensor = tf.tensor([...values], shape, "int32");
          made.push(tensor);
          return tensor;
        },
      });
      tf.dispose(made);
      return result;
    },
  });
}

/** Whether the current backend has a kernel of that name. */
export function hasKernel(kernelName: string): boolean {
  return tf.getKernel(kernelName, tf.getBackend()) !== undefined;
}

/** An attribute that is a whole number or a list of them. */
export function intAttribute(name: string, value: number | number[]): OpAttribute {
  return { name, type: AttributeType.INT, value };
}

/** An attribute that is any number. */
export function floatAttribute(name: string, value: number): OpAttribute {
  return { name, type: AttributeType.FLOAT, value };
}

/** An attribute that says that tensors are of float32. */
export function floatType(name: string): OpAttribute {
  return { name, type: AttributeType.TYPE, value: FLOAT };
}

/** An attribute that is a text. */
export function stringAttribute(name: string, value: string): OpAttribute {
  return { name, type: AttributeType.STRING, value };
}

/** An attribute that is true or false. */
export function boolAttribute(name: string, value: boolean): OpAttribute {
  return { name, type: AttributeType.BOOL, value };
}

function runnerOf(backend: unknown): OpRunner {
  if (isRunner(backend)) return backend;
  throw new TypeError("Cannot run a TensorFlow operation: another backend is at work");
}

function isRunner(backend: unknown): backend is OpRunner {
  return typeof backend === "object" && backend !== null && "executeSingleOutput" in backend;
}
