/**
 * Both gradients of Conv2D, as convolutions: the wasm backend lacks the filter's, and its kernel for
 * the input's is a plain loop, many times slower than its convolution.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { geometry, type KernelArguments, reached, type Shape4D, spread } from "./geometry.ts";

/**
 * Kernel Conv2DBackpropFilter.
 *
 * Batch and channels change places: the images are [C, H, W, B], the gradient is a filter
 * [oh, ow, B, out] as large as they are, strides become dilations, and the result has the size of
 * the filter that is asked for.
 *
 * @returns [kh, kw, C, out]
 */
export function conv2dBackpropFilter({ inputs, attrs }: KernelArguments): tf.TensorInfo {
  const [x, dy] = [inputs.x as tf.Tensor4D, inputs.dy as tf.Tensor4D];
  const filterShape = attrs?.filterShape as unknown as Shape4D;
  const g = geometry(attrs, x.shape, filterShape, false);
  return tf.tidy(() => {
    const images = tf.transpose(reached(x, g), [3, 1, 2, 0]); // [C, H', W', B]
    const filters = tf.transpose(dy, [1, 2, 0, 3]); // [oh, ow, B, out]
    const dilated = tf.conv2d(images, filters, g.dilation, "valid", "NHWC", g.stride);
    return tf.transpose(dilated, [1, 2, 0, 3]); // [kh, kw, C, out]
  });
}

/**
 * Kernel Conv2DBackpropInput: the spread gradient, convolved with the filter turned round.
 *
 * @returns [B, H, W, C]
 */
export function conv2dBackpropInput({ inputs, attrs }: KernelArguments): tf.TensorInfo {
  const [dy, filter] = [inputs.dy as tf.Tensor4D, inputs.filter as tf.Tensor4D];
  const g = geometry(attrs, attrs?.inputShape as unknown as Shape4D, filter.shape, false);
  return tf.tidy(() => {
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]); // [kh, kw, out, C]
    return tf.conv2d(spread(dy, g), turned, 1, "valid", "NHWC", g.dilation);
  });
}
