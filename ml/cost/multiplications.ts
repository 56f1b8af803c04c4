/**
 * Counts what a network really multiplies, by watching the kernels that its pass runs.
 *
 * One count for all networks: a multiply-accumulate (MAC) is one multiplication of a convolution, a
 * linear layer or a matrix product, with its addition. Normalisation, activations, resizing and
 * element-wise products do not count; zeros of padding do, as in other tools.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** What one pass took. */
export interface PassCost {
  /** Multiply-accumulates by kind. */
  macs: {
    convolutions: number;
    /** Convolutions with one filter per channel. */
    depthwise: number;
    /** Linear layers, attention, and what else is a product of matrices. */
    products: number;
  };
  /** Tensors at the fullest moment, those that were there before included, bytes. */
  peakBytes: number;
}

/** A kernel that ran: shapes in the order in which tfjs names its inputs. */
export interface RunKernel {
  name: string;
  inputShapes: readonly (readonly number[] | null)[];
  outputShapes: readonly (readonly number[])[];
}

type Kind = keyof PassCost["macs"];

/** Of each kernel: what it counts as, and how many products make one number of its output. */
const COUNTED: Record<string, { kind: Kind; depth: (kernel: RunKernel) => number }> = {
  Conv2D: { kind: "convolutions", depth: filterDepth },
  FusedConv2D: { kind: "convolutions", depth: filterDepth },
  DepthwiseConv2dNative: { kind: "depthwise", depth: filterArea },
  FusedDepthwiseConv2D: { kind: "depthwise", depth: filterArea },
  BatchMatMul: { kind: "products", depth: innerSize },
  _FusedMatMul: { kind: "products", depth: innerSize },
};

/** Names like those of kernels that multiply; what is not counted must not be taken for nothing. */
const MULTIPLIES = /Conv|MatMul|Einsum/;

/**
 * Runs a pass under watch. Its results must be its own to free.
 *
 * @throws {RangeError} if it runs a kernel that multiplies and is not known here
 */
export async function watchPass(pass: () => Promise<void>): Promise<PassCost> {
  const env = tf.env();
  const looksForNaN = env.getBool("CHECK_COMPUTATION_FOR_ERRORS");
  // tfjs would read every inner map back to look for numbers that are none.
  env.set("CHECK_COMPUTATION_FOR_ERRORS", false);
  try {
    // The type leaves out that it may be a promise of nothing.
    const watched = await tf.profile(pass as unknown as () => tf.TensorContainer);
    return { macs: countMacs(watched.kernels), peakBytes: watched.peakBytes };
  } finally {
    env.set("CHECK_COMPUTATION_FOR_ERRORS", looksForNaN);
  }
}

/**
 * Adds up kernels.
 *
 * @throws {RangeError} if one multiplies and is not known here
 */
export function countMacs(kernels: readonly RunKernel[]): PassCost["macs"] {
  const macs = { convolutions: 0, depthwise: 0, products: 0 };
  for (const kernel of kernels) {
    const counted = COUNTED[kernel.name];
    if (counted !== undefined) {
      macs[counted.kind] += size(kernel.outputShapes[0]) * counted.depth(kernel);
    } else if (MULTIPLIES.test(kernel.name)) {
      throw new RangeError(
        `Cannot count ${kernel.name}: expected one of ${Object.keys(COUNTED).join(", ")}`,
      );
    }
  }
  return macs;
}

/** A filter is [k, k, in, out]. */
function filterDepth({ inputShapes }: RunKernel): number {
  return size((inputShapes[1] ?? []).slice(0, 3));
}

/** A filter is [k, k, C, multiplier]. */
function filterArea({ inputShapes }: RunKernel): number {
  return size((inputShapes[1] ?? []).slice(0, 2));
}

/** The left matrix is [..., M, K], or the same transposed; the result is [..., M, N]. */
function innerSize({ inputShapes, outputShapes }: RunKernel): number {
  return size((inputShapes[0] ?? []).slice(-2)) / outputShapes[0].slice(-2)[0];
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
