/**
 * Both gradients of a depthwise convolution, from operations that the wasm backend has.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { geometry, type KernelArguments, reached, type Shape4D, spread } from "./geometry.ts";

/**
 * Kernel DepthwiseConv2dNativeBackpropFilter: per cell of the filter, the images as that cell sees
 * them, times the gradient.
 *
 * @returns [kh, kw, C, multiplier]
 */
export function depthwiseBackpropFilter({ inputs, attrs }: KernelArguments): tf.TensorInfo {
  const [x, dy] = [inputs.x as tf.Tensor4D, inputs.dy as tf.Tensor4D];
  const filterShape = attrs?.filterShape as unknown as Shape4D;
  const g = geometry(attrs, x.shape, filterShape, true);
  const [kh, kw, C, M] = filterShape;
  const [[oh, ow], B] = [g.output, x.shape[0]];
  return tf.tidy(() => {
    const images = reached(x, g);
    const gradient = tf.reshape(dy, [B * oh * ow, C, M]);
    const cells: tf.Tensor[] = [];
    for (let i = 0; i < kh; i++) {
      for (let j = 0; j < kw; j++) {
        const seen = tf.stridedSlice(
          images,
          [0, i * g.dilation[0], j * g.dilation[1], 0],
          [
            B,
            i * g.dilation[0] + (oh - 1) * g.stride[0] + 1,
            j * g.dilation[1] + (ow - 1) * g.stride[1] + 1,
            C,
          ],
          [1, ...g.stride, 1],
        ); // [B, oh, ow, C]
        cells.push(tf.sum(tf.mul(tf.reshape(seen, [B * oh * ow, C, 1]), gradient), 0)); // [C, M]
      }
    }
    return tf.reshape(tf.stack(cells), [kh, kw, C, M]);
  });
}

/**
 * Kernel DepthwiseConv2dNativeBackpropInput: the spread gradient under the filter turned round.
 *
 * @returns [B, H, W, C]
 */
export function depthwiseBackpropInput({ inputs, attrs }: KernelArguments): tf.TensorInfo {
  const [dy, filter] = [inputs.dy as tf.Tensor4D, inputs.filter as tf.Tensor4D];
  const [B, H, W, C] = attrs?.inputShape as unknown as Shape4D;
  const [kh, kw, , M] = filter.shape;
  const g = geometry(attrs, [B, H, W, C], filter.shape, true);
  return tf.tidy(() => {
    const turned = tf.reshape(tf.reverse(filter, [0, 1]), [kh, kw, C * M, 1]) as tf.Tensor4D;
    const dx = tf.depthwiseConv2d(spread(dy, g), turned, 1, "valid", "NHWC", g.dilation);
    return M === 1 ? dx : tf.sum(tf.reshape(dx, [B, H, W, C, M]), 4); // [B, H, W, C]
  });
}
