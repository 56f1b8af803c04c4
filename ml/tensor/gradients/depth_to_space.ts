/**
 * Gradient of DepthToSpace (the pixel shuffle): the space goes back into depth.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, intAttribute, registerTensorFlowKernel } from "./raw_op.ts";

const KERNEL = "SpaceToDepth";

/** Registers the gradient and the kernel it uses. */
export function registerDepthToSpaceGradient(): void {
  registerTensorFlowKernel(
    KERNEL,
    ({ inputs, attrs, run }) =>
      run(KERNEL, [intAttribute("block_size", Number(attrs.blockSize))], [inputs.x]),
  );
  tf.registerGradient({
    kernelName: tf.DepthToSpace,
    gradFunc: (dy, _saved, { blockSize }) => ({
      x: () => spaceToDepth(dy as tf.Tensor4D, Number(blockSize)),
    }),
  });
}

/**
 * Moves r×r cells into channels, ordered (i·r + j)·C + c.
 *
 * @param x [B, H·r, W·r, C]
 * @returns [B, H, W, r²·C]
 */
export function spaceToDepth(x: tf.Tensor4D, r: number): tf.Tensor4D {
  if (hasKernel(KERNEL)) return tf.engine().runKernel(KERNEL, { x }, { blockSize: r });
  const [B, tall, wide, C] = x.shape;
  const cells = tf.reshape(x, [B, tall / r, r, wide / r, r, C]);
  return tf.reshape(tf.transpose(cells, [0, 1, 3, 2, 4, 5]), [B, tall / r, wide / r, r * r * C]);
}
