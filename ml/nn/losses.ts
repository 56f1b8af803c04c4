/**
 * Elementary losses, equal to PyTorch's in value and gradient.
 *
 * Most of them bring their own gradient: composed from tfjs's operators, the gradient at a kink
 * would be one-sided where PyTorch's is 0 (an absolute difference of exactly 0 occurs in every
 * padded area), and a hand-written one is fewer operators and keeps less.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Mean of |a - b| over all elements; its gradient is 0 where a = b.
 *
 * @param a any shape
 * @param b the same shape
 * @returns a scalar
 */
export function meanAbsoluteError(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return withGradient(
    difference(a, b),
    (d) => tf.mean(tf.abs(d)),
    (d, dy) => tf.mul(tf.sign(d), tf.div(dy, d.size)),
  );
}

/**
 * Mean of (a - b)² over all elements.
 *
 * @param a any shape
 * @param b the same shape
 * @returns a scalar
 */
export function meanSquaredError(a: tf.Tensor, b: tf.Tensor): tf.Scalar {
  return withGradient(
    difference(a, b),
    (d) => tf.mean(tf.square(d)),
    (d, dy) => tf.mul(d, tf.mul(dy, 2 / d.size)),
  );
}

/**
 * Sum of d²/(2·beta) where |d| < beta and of |d| - beta/2 elsewhere, d = a - b.
 *
 * @param a any shape
 * @param b the same shape
 * @param beta where the square turns into a line
 * @returns a scalar: the sum, as detectors divide by a count of their own
 */
export function smoothL1(a: tf.Tensor, b: tf.Tensor, beta: number): tf.Scalar {
  return withGradient(
    difference(a, b),
    (d) => {
      const size = tf.abs(d);
      const inner = tf.minimum(size, beta);
      // inner²/(2·beta) + (|d| - inner): the second term is 0 inside, the first beta/2 outside.
      return tf.sum(tf.add(tf.mul(tf.square(inner), 0.5 / beta), tf.sub(size, inner)));
    },
    (d, dy) => tf.mul(tf.clipByValue(tf.mul(d, 1 / beta), -1, 1), dy),
  );
}

/**
 * Mean binary cross-entropy of logits: log(1 + exp(-|x|)) + max(x, 0) - x·t.
 *
 * @param logits any shape
 * @param targets the same shape, in [0, 1]; no gradient reaches them
 * @returns a scalar; NaN for no elements, as PyTorch's
 */
export function binaryCrossEntropy(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  return withGradient(
    logits,
    (x) => {
      const rest = tf.sub(tf.relu(x), tf.mul(x, targets));
      return tf.mean(tf.add(tf.log1p(tf.exp(tf.neg(tf.abs(x)))), rest));
    },
    (x, dy, targets) => tf.mul(tf.sub(tf.sigmoid(x), targets), tf.div(dy, x.size)),
    targets,
  );
}

/** Options of {@link softmaxCrossEntropy}. */
export interface CrossEntropyOptions {
  /** Labels of this value do not count. */
  ignore?: number;
  /** Share of the target that is spread evenly over all classes, in [0, 1). Default 0. */
  smoothing?: number;
}

/**
 * Softmax cross-entropy with integer labels, mean over the labels that count.
 *
 * @param logits [N, K], or [B, H, W, K]
 * @param labels int32 [N], or [B, H, W], in 0 … K-1
 * @returns a scalar; NaN if no label counts, as PyTorch's
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor,
  labels: tf.Tensor,
  { ignore, smoothing = 0 }: CrossEntropyOptions = {},
): tf.Scalar {
  const K = logits.shape[logits.shape.length - 1];
  const logProbabilities = tf.logSoftmax(tf.reshape(logits, [-1, K])); // [N, K]
  const flat = tf.cast(tf.reshape(labels, [-1]), "int32"); // [N]
  const counts = ignore === undefined ? undefined : tf.cast(tf.notEqual(flat, ignore), "float32");
  // Cast: the wasm backend fills a float32 oneHot with the bits of integers.
  let target: tf.Tensor = tf.cast(tf.oneHot(flat, K), "float32"); // [N, K]
  if (smoothing !== 0) target = tf.add(tf.mul(target, 1 - smoothing), smoothing / K);
  // An ignored label may lie inside 0 … K-1, and smoothing gives it a share outside.
  if (counts !== undefined) target = tf.mul(target, tf.expandDims(counts, 1));
  const total = tf.neg(tf.sum(tf.mul(logProbabilities, target)));
  return tf.div(total, counts === undefined ? flat.size : tf.sum(counts));
}

/**
 * {@link softmaxCrossEntropy} for as many labels as a batch has pixels: of tensors as large as the
 * logits only these are kept for the gradient.
 *
 * @param logits [B, H, W, K]
 * @param labels int32 [B, H, W], in 0 … K-1
 * @param ignore labels of this value do not count; it may lie outside
 * @returns a scalar, the mean over the labels that count; NaN if none does, as PyTorch's
 */
export function pixelCrossEntropy(
  logits: tf.Tensor4D,
  labels: tf.Tensor3D,
  ignore: number,
): tf.Scalar {
  const K = logits.shape[3];
  // [B, H, W, 1], sums to 1
  const shares = (labels: tf.Tensor) => {
    const counts = tf.cast(tf.notEqual(labels, ignore), "float32");
    return tf.expandDims(tf.div(counts, tf.sum(counts)), 3);
  };
  // Cast: see above. A label outside gives a row of zeros.
  const targets = (labels: tf.Tensor) => tf.cast(tf.oneHot(labels, K), "float32"); // [B, H, W, K]
  return withGradient(
    logits,
    (x) =>
      tf.tidy(() => {
        const shifted = tf.sub(x, tf.max(x, 3, true));
        const chosen = tf.sum(tf.mul(shifted, targets(labels)), 3, true); // [B, H, W, 1]
        const each = tf.sub(tf.log(tf.sum(tf.exp(shifted), 3, true)), chosen);
        return tf.sum(tf.mul(each, shares(labels)));
      }),
    (x, dy, labels) =>
      tf.tidy(() => tf.mul(tf.sub(tf.softmax(x), targets(labels)), tf.mul(shares(labels), dy))),
    labels,
  );
}

/**
 * A scalar of x with a gradient of its own.
 *
 * @param constant what the gradient needs besides x; it may be gone by then, unless it is saved here
 */
function withGradient(
  x: tf.Tensor,
  value: (x: tf.Tensor) => tf.Scalar,
  gradient: (x: tf.Tensor, dy: tf.Tensor, constant: tf.Tensor) => tf.Tensor,
  constant: tf.Tensor = x,
): tf.Scalar {
  const loss = tf.customGrad<tf.Scalar>((x, save) => {
    // tfjs types both arguments alike; the last one is the function that saves tensors.
    if (!(x instanceof tf.Tensor) || typeof save !== "function") throw new TypeError("unreachable");
    save([x, constant]);
    return { value: value(x), gradFunc: (dy, saved) => gradient(saved[0], dy, saved[1]) };
  });
  return loss(x);
}

/** Broadcasting here would hide a mistake. */
function difference(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.shape.join() !== b.shape.join()) {
    throw new RangeError(`Cannot compare [${a.shape}] with [${b.shape}]: expected equal shapes`);
  }
  return tf.sub(a, b);
}
