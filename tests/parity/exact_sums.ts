/**
 * Sums in double precision, for comparisons in training mode.
 *
 * There, one ReLU that falls on the other side of 0 changes every gradient in front of it by up to a
 * percent. Sums in float32, in another order than PyTorch's, are off by enough to make one fall in
 * every second run; which one depends on the processor. Rounded once per operation, they are not.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  AttributeType,
  type Binding,
  type OpAttribute,
  type TensorMetadata,
} from "../../ml/tensor/tensorflow/binding.ts";
import { currentBinding } from "../../ml/tensor/tensorflow/start.ts";

/** TensorFlow's numbers of types. */
const FLOAT = 1;
const DOUBLE = 2;

/** Operations that sum over many elements and whose inputs are all float32. */
const SUMMING = ["Conv2D", "MatMul"];

/** What tfjs's TensorFlow backend runs operations by. */
interface Backend {
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: tf.Tensor[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
  getInputTensorIds(inputs: tf.Tensor[]): number[];
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
}

/**
 * Does some work with convolutions, matrix products and batch statistics that are computed in double
 * precision and rounded to float32 afterwards. Gradients stay as they are. Other backends than
 * TensorFlow's do the work as always.
 */
export async function withExactSums<T>(work: () => Promise<T>): Promise<T> {
  const binding = currentBinding();
  if (binding === undefined) return await work();
  const backend = tf.backend() as unknown as Backend;
  const { executeSingleOutput, executeMultipleOutputs } = backend;
  try {
    backend.executeSingleOutput = (name, attributes, inputs) => {
      if (!SUMMING.includes(name)) {
        return executeSingleOutput.call(backend, name, attributes, inputs);
      }
      return inDoubles(backend, binding, inputs, (run, ids) => [run(name, attributes, ids)])[0];
    };
    backend.executeMultipleOutputs = (name, attributes, inputs, outputs) =>
      name === "FusedBatchNormV3"
        ? normalizeInDoubles(backend, binding, attributes, inputs)
        : executeMultipleOutputs.call(backend, name, attributes, inputs, outputs);
    return await work();
  } finally {
    Object.assign(backend, { executeSingleOutput, executeMultipleOutputs });
  }
}

/** Runs an operation on tensors by their ids, all of double precision. */
type Run = (name: string, attributes: OpAttribute[], ids: number[]) => number;

/** Float32 in and out, doubles between. */
function inDoubles(
  backend: Backend,
  binding: Binding,
  inputs: tf.Tensor[],
  work: (run: Run, ids: number[]) => number[],
): tf.Tensor[] {
  const made: number[] = [];
  const cast = (id: number, from: number, to: number): TensorMetadata => {
    const attributes = [typeOf("SrcT", from), typeOf("DstT", to)];
    return binding.executeOp("Cast", attributes, [id], 1)[0];
  };
  const remember = ({ id }: TensorMetadata): number => {
    made.push(id);
    return id;
  };
  const run: Run = (name, attributes, ids) => {
    const rest = attributes.filter((attribute) => attribute.name !== "T");
    return remember(binding.executeOp(name, [typeOf("T", DOUBLE), ...rest], ids, 1)[0]);
  };
  const doubles = backend.getInputTensorIds(inputs).map((id) => remember(cast(id, FLOAT, DOUBLE)));
  const results = work(run, doubles)
    .map((id) => backend.createOutputTensor(cast(id, DOUBLE, FLOAT)));
  for (const id of made) binding.deleteTensor(id);
  return results;
}

/** `FusedBatchNormV3` in training: its six results, of which the last is for other processors. */
function normalizeInDoubles(
  backend: Backend,
  binding: Binding,
  attributes: OpAttribute[],
  [x, weight, bias]: tf.Tensor[],
): tf.Tensor[] {
  const epsilon = attributes.find(({ name }) => name === "epsilon")?.value;
  const values = x.size / weight.size;
  const constants = [Number(epsilon), values / (values - 1)].map((value) => tf.scalar(value));
  const axes = tf.tensor1d([0, 1, 2], "int32");
  const [overImages] = backend.getInputTensorIds([axes]);
  const results = inDoubles(
    backend,
    binding,
    [x, weight, bias, ...constants],
    (run, [x, weight, bias, eps, unbiased]) => {
      const mean = (id: number) => run("Mean", [typeOf("Tidx", 3)], [id, overImages]);
      const average = mean(x);
      const centred = run("Sub", [], [x, average]);
      const variance = mean(run("Square", [], [centred]));
      const scale = run("Mul", [], [
        weight,
        run("Rsqrt", [], [run("Add", [], [variance, eps])]),
      ]);
      const y = run("Add", [], [run("Mul", [], [centred, scale]), bias]);
      return [y, average, run("Mul", [], [variance, unbiased]), average, variance];
    },
  );
  tf.dispose([...constants, axes]);
  return [...results, tf.tensor1d([])];
}

function typeOf(name: string, value: number): OpAttribute {
  return { name, type: AttributeType.TYPE, value };
}
