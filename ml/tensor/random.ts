/**
 * Random numbers that depend on nothing but a seed and a purpose: counter-based streams.
 *
 * A stream is named (`stream(seed, "shuffle", epoch)`), so drawing from one never moves another:
 * the order of execution, a resumed run or parallel work change nothing.
 * Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011 (Philox4x32-10).
 *
 * @module
 */

/** One named stream of random numbers. */
export interface Stream {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** The numbers 0 … n-1 in random order. */
  permutation(n: number): Int32Array;
}

/** Opens the stream of a purpose. Equal arguments give equal numbers, any other argument unrelated ones. */
export function stream(seed: number, ...purpose: (string | number)[]): Stream {
  const key0 = seed >>> 0;
  const key1 = fnv1a(purpose.join("\u0000"));
  const block = new Uint32Array(4);
  let counter = 0;
  let left = 0;
  const next = (): number => {
    if (left === 0) {
      philox(block, counter, Math.floor(seed / 2 ** 32) >>> 0, key0, key1);
      counter++;
      left = 4;
    }
    return block[--left];
  };
  const uniform = () => next() / 2 ** 32;
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (n) => Math.floor(uniform() * n),
    // Box-Muller; 1 - u keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    permutation(n) {
      const order = Int32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    },
  };
}

/** Fills `out` with the 4x32 bits of one counter: ten rounds of multiply, swap and xor. */
function philox(out: Uint32Array, counter: number, high: number, key0: number, key1: number): void {
  let c0 = counter >>> 0, c1 = high, c2 = 0, c3 = 0;
  for (let round = 0; round < 10; round++) {
    // No tuples here: this loop is what a picture's worth of noise waits for.
    const high0 = multiplyHigh(0xD2511F53, c0);
    const high1 = multiplyHigh(0xCD9E8D57, c2);
    const low0 = Math.imul(0xD2511F53, c0) >>> 0;
    const low1 = Math.imul(0xCD9E8D57, c2) >>> 0;
    c0 = (high1 ^ c1 ^ key0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ key1) >>> 0;
    c3 = low0;
    key0 = (key0 + 0x9E3779B9) >>> 0;
    key1 = (key1 + 0xBB67AE85) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16, aLow = a & 0xFFFF, bHigh = b >>> 16, bLow = b & 0xFFFF;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (middle & 0xFFFF);
  return (aHigh * bHigh + (middle >>> 16) + (other >>> 16)) >>> 0;
}

/** 32-bit FNV-1a of the text's UTF-8 bytes. */
function fnv1a(text: string): number {
  let hash = 0x811C9DC5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
