/**
 * Sorting scores on plain arrays.
 *
 * @module
 */

/** Room for an index below the score's 32 bits in a float64's 53. */
const INDEX_LIMIT = 2 ** 20;

/**
 * The indices of the `count` highest scores, falling; equal scores keep index order.
 *
 * Sorts numbers that hold score and index at once: native number sorting is ten times faster than
 * sorting indices with a comparison. Of many scores only those near the top are sorted at all.
 *
 * @param scores at most 2²⁰, none NaN
 * @param count default: all
 * @throws {RangeError} if there are too many scores
 */
export function highest(scores: Float32Array, count = scores.length): Int32Array {
  const n = scores.length;
  if (n > INDEX_LIMIT) {
    throw new RangeError(`Cannot sort ${n} scores: expected at most ${INDEX_LIMIT}`);
  }
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, n);
  const last = count < n ? lastBucket(bits, count) : BUCKETS;
  const keys = new Float64Array(n);
  let found = 0;
  for (let i = 0; i < n; i++) {
    const key = falling(bits[i]);
    if (key >>> BUCKET_SHIFT <= last) keys[found++] = key * INDEX_LIMIT + i;
  }
  const sorted = keys.subarray(0, found).sort();
  const result = new Int32Array(Math.min(count, n));
  for (let i = 0; i < result.length; i++) result[i] = sorted[i] % INDEX_LIMIT;
  return result;
}

/** Scores are counted by sign, exponent and the first bits of the fraction. */
const BUCKET_SHIFT = 20;
const BUCKETS = 2 ** (32 - BUCKET_SHIFT);

/** The bucket in which the `count`-th highest score lies. */
function lastBucket(bits: Uint32Array, count: number): number {
  const sizes = new Int32Array(BUCKETS);
  for (let i = 0; i < bits.length; i++) sizes[falling(bits[i]) >>> BUCKET_SHIFT]++;
  let bucket = 0;
  for (let left = count; bucket < BUCKETS; bucket++) {
    left -= sizes[bucket];
    if (left <= 0) break;
  }
  return bucket;
}

/** Maps a float32's bits to an integer that is smaller for a higher float; -0 counts as 0. */
function falling(bits: number): number {
  if (bits === 0x80000000) bits = 0;
  return bits >>> 31 === 0 ? 0x7FFFFFFF - bits : bits >>> 0;
}
