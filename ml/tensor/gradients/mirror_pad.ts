/**
 * Gradient of MirrorPad: what was copied to the border adds to where it came from.
 *
 * tfjs registers one that forgets the border.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, registerTensorFlowKernel, stringAttribute } from "./raw_op.ts";

const KERNEL = "MirrorPadGrad";

/** Paddings [before, after] of every axis. */
type Paddings = readonly (readonly [number, number])[];

/** `reflect` leaves the edge out of the mirror image, `symmetric` repeats it. */
type Mode = "reflect" | "symmetric";

/** Registers the gradient and the kernel it uses. */
export function registerMirrorPadGradient(): void {
  registerTensorFlowKernel(KERNEL, ({ inputs, attrs, run, ints }) => {
    const paddings = paddingsOf(attrs.paddings);
    const pairs = ints(paddings.flat(), [paddings.length, 2]);
    const mode = stringAttribute("mode", String(attrs.mode).toUpperCase());
    return run(KERNEL, [mode], [inputs.dy, pairs]);
  });
  tf.registerGradient({
    kernelName: tf.MirrorPad,
    gradFunc: (dy, _saved, { paddings, mode }) => ({
      x: () =>
        unpad(dy as tf.Tensor, paddingsOf(paddings), mode === "reflect" ? "reflect" : "symmetric"),
    }),
  });
}

/** @param dy gradient of the padded tensor @returns gradient of the tensor before padding */
function unpad(dy: tf.Tensor, paddings: Paddings, mode: Mode): tf.Tensor {
  if (hasKernel(KERNEL)) {
    return tf.engine().runKernel(KERNEL, { dy }, { paddings: paddings.map((p) => [...p]), mode });
  }
  return paddings.reduce((grad, padding, axis) => foldAxis(grad, axis, padding, mode), dy);
}

/** Folds both borders of one axis back. */
function foldAxis(
  dy: tf.Tensor,
  axis: number,
  [before, after]: readonly [number, number],
  mode: Mode,
): tf.Tensor {
  const size = dy.shape[axis] - before - after;
  const edge = mode === "reflect" ? 1 : 0;
  const part = (start: number, length: number) => {
    const begin = dy.shape.map((_, i) => i === axis ? start : 0);
    return tf.slice(dy, begin, dy.shape.map((n, i) => i === axis ? length : n));
  };
  const placed = (x: tf.Tensor, start: number) => {
    const rest = size - start - x.shape[axis];
    const pads = dy.shape.map((_, i): [number, number] => i === axis ? [start, rest] : [0, 0]);
    return tf.pad(tf.reverse(x, axis), pads);
  };
  let result = part(before, size);
  if (before > 0) result = tf.add(result, placed(part(0, before), edge));
  if (after > 0) {
    result = tf.add(result, placed(part(before + size, after), size - after - edge));
  }
  return result;
}

function paddingsOf(value: unknown): Paddings {
  if (!Array.isArray(value)) throw new TypeError("Cannot read the paddings of MirrorPad");
  return value.map(([before, after]): [number, number] => [Number(before), Number(after)]);
}
