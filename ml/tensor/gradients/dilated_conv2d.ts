/**
 * Gradients of dilated convolutions, ordinary and depthwise; tfjs has those without dilation only.
 *
 * Both are the same convolution on every d-th cell, so SpaceToBatch, an undilated convolution and
 * BatchToSpace give the same result, and each of these has a gradient. (TensorFlow's own gradient
 * kernels for dilated depthwise convolutions answer wrongly on the CPU, without an error.)
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

type Conv = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D;

/** Registers both gradients on top of tfjs's. */
export function registerDilatedConvGradients(): void {
  extend(tf.Conv2D, (x, filter) => tf.conv2d(x, filter, 1, "valid"));
  extend(
    tf.DepthwiseConv2dNative,
    (x, filter) => tf.depthwiseConv2d(x, filter, 1, "valid"),
  );
}

function extend(kernelName: string, undilated: Conv): void {
  const original = tf.getGradient(kernelName);
  tf.registerGradient({
    ...original,
    gradFunc: (dy, saved, attrs) => {
      const dilation = dilationOf(attrs.dilations);
      if (dilation === 1) return original.gradFunc(dy, saved, attrs);
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      const info = tf.backend_util.computeConv2DInfo(
        x.shape,
        filter.shape,
        strideOf(attrs.strides),
        dilation,
        attrs.pad as "same" | "valid",
        undefined,
        kernelName === tf.DepthwiseConv2dNative,
      );
      if (info.strideHeight !== 1 || info.strideWidth !== 1) {
        throw new RangeError("Cannot differentiate a convolution with both stride and dilation");
      }
      const { top, bottom, left, right } = info.padInfo;
      const same = dilated(undilated, dilation, [[top, bottom], [left, right]]);
      const gradients = tf.grads((x, filter) => same(x as tf.Tensor4D, filter as tf.Tensor4D));
      // One call gives both; tfjs asks for each only if something needs it.
      let both: tf.Tensor[] | undefined;
      const compute = () => both ??= gradients([x, filter], dy as tf.Tensor);
      return { x: () => compute()[0], filter: () => compute()[1] };
    },
  });
}

/** The dilated convolution from an undilated one. */
function dilated(conv: Conv, d: number, padding: [number, number][]): Conv {
  return (x, filter) => {
    const [, H, W] = x.shape;
    const [rows, columns] = [H, W].map((size, axis) => {
      const [before, after] = padding[axis];
      const extra = (d - (size + before + after) % d) % d; // SpaceToBatch needs multiples of d
      return { pads: [before, after + extra], extra };
    });
    const space = tf.spaceToBatchND(x, [d, d], [rows.pads, columns.pads]);
    return tf.batchToSpaceND(conv(space, filter), [d, d], [[0, rows.extra], [0, columns.extra]]);
  };
}

function dilationOf(value: unknown): number {
  const [height, width] = Array.isArray(value) ? value : [value ?? 1, value ?? 1];
  if (height !== width) throw new RangeError("Cannot differentiate two different dilations");
  return Number(height);
}

function strideOf(value: unknown): number | [number, number] {
  return Array.isArray(value) ? [Number(value[0]), Number(value[1])] : Number(value);
}
