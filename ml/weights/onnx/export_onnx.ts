/**
 * A network as an ONNX model.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Params } from "../../nn/params.ts";
import { type Graph, merge } from "./graph.ts";
import { lower } from "./lower.ts";
import { encodeModel } from "./model_file.ts";
import { record } from "./record.ts";

/** What a model takes: channels first, and which axes are open. */
export interface OnnxModel {
  bytes: Uint8Array;
  /** [batch, channels, height, width]; undefined for what may be any. */
  input: (number | undefined)[];
  /** Where height and width are open: they must be multiples of this. */
  multiple?: number;
  /** By the name of the output. */
  outputs: Record<string, (number | undefined)[]>;
}

/**
 * By how much the pictures of further samples are larger, each by more than the 32 pixels of the
 * largest cell, so that every map differs: first something odd, so that what is rounded shows; then
 * something that every network here has whole cells for.
 */
const STEPS = [{ height: 45, width: 91, multiple: 1 }, { height: 64, width: 96, multiple: 32 }];

/**
 * Records a network at one size and looks whether it computes the same at others: in axes in which it
 * does, the model takes any size.
 *
 * @param network [B, H, W, C] → its outputs, by the names that the model gives them
 * @param sample [H, W, C], the size for what cannot vary
 * @param metadata what programs may read of the model
 * @throws {InputError} if the network uses a kernel of tfjs that is not translated
 */
export async function exportOnnx(
  network: (x: tf.Tensor4D) => Record<string, tf.Tensor>,
  parameters: Params,
  sample: readonly [height: number, width: number, channels: number],
  metadata: Record<string, string> = {},
): Promise<OnnxModel> {
  const weights = await parameters.snapshot();
  const graphOf = async (batch: number, height: number, width: number): Promise<Graph> => {
    const x: tf.Tensor4D = tf.zeros([batch, height, width, sample[2]]);
    const recording = await record(network, x, parameters.all());
    x.dispose();
    return lower(recording, weights);
  };
  const [height, width] = sample;
  let graph = await graphOf(1, height, width);
  graph = merge(graph, await graphOf(2, height, width)) ?? graph;
  let multiple: number | undefined;
  for (const step of STEPS) {
    const larger = await graphOf(1, height + step.height, width + step.width);
    const merged = merge(graph, larger);
    if (merged === undefined) continue;
    graph = merged;
    multiple = step.multiple;
    break;
  }
  const { input, outputs } = graph;
  return {
    bytes: encodeModel(graph, metadata),
    input: input.dims,
    ...multiple !== undefined && { multiple },
    outputs: Object.fromEntries(outputs.map(({ name, dims }) => [name, dims])),
  };
}
