/**
 * The number types of files of weights: their sizes, and their values exactly.
 *
 * @module
 */

/** Bytes of one number. */
const SIZES = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float8_e4m3fn: 1,
  float8_e5m2: 1,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
  complex128: 16,
} as const;

/** A number type, by PyTorch's name. */
export type DType = keyof typeof SIZES;

/**
 * Numbers in memory: JavaScript's array of the type itself. `float16`, `bfloat16` and the 8-bit
 * floats become a `Float32Array` (which holds each of them exactly), `bool` a `Uint8Array` of 0 and
 * 1, `complex64` and `complex128` pairs of real and imaginary part.
 */
export type Numbers =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** Bytes of one number of this type. */
export function sizeOf(dtype: DType): number {
  return SIZES[dtype];
}

/** Whether such numbers stand for reals; others are counters, indices and masks. */
export function isFloat(dtype: DType): boolean {
  return dtype.startsWith("float") || dtype === "bfloat16";
}

/** Whether PyTorch has a number type of this name that is read. */
export function isDType(name: string): name is DType {
  return Object.hasOwn(SIZES, name);
}

/** The numbers that these little-endian bytes are. @param bytes from the start of their buffer */
export function decode(bytes: Uint8Array<ArrayBuffer>, dtype: DType): Numbers {
  const { buffer } = bytes;
  switch (dtype) {
    case "float64":
    case "complex128":
      return new Float64Array(buffer);
    case "float32":
    case "complex64":
      return new Float32Array(buffer);
    case "float16":
      return Float32Array.from(new Float16Array(buffer));
    case "bfloat16":
      return bfloat16(new Uint16Array(buffer));
    case "float8_e4m3fn":
      return Float32Array.from(bytes, float8e4m3fn);
    case "float8_e5m2":
      // Half the bits of a float16, the upper ones.
      return Float32Array.from(new Float16Array(Uint16Array.from(bytes, (b) => b << 8).buffer));
    case "int64":
      return new BigInt64Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "int16":
      return new Int16Array(buffer);
    case "int8":
      return new Int8Array(buffer);
    case "uint64":
      return new BigUint64Array(buffer);
    case "uint32":
      return new Uint32Array(buffer);
    case "uint16":
      return new Uint16Array(buffer);
    case "uint8":
      return bytes;
    case "bool":
      return Uint8Array.from(bytes, (b) => b === 0 ? 0 : 1);
  }
}

/**
 * Numbers as float32: narrower floats exactly, float64 and large integers rounded to the nearest.
 *
 * @throws {TypeError} for complex numbers
 */
export function toFloat32(numbers: Numbers, dtype: DType): Float32Array<ArrayBuffer> {
  if (dtype.startsWith("complex")) throw new TypeError(`Cannot make ${dtype} real`);
  if (numbers instanceof Float32Array) return numbers;
  if (numbers instanceof BigInt64Array || numbers instanceof BigUint64Array) {
    const result = new Float32Array(numbers.length);
    for (let i = 0; i < result.length; i++) result[i] = Number(numbers[i]);
    return result;
  }
  return new Float32Array(numbers);
}

/** The upper half of a float32's bits. */
function bfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const result = new Uint32Array(halves.length);
  for (let i = 0; i < result.length; i++) result[i] = halves[i] << 16;
  return new Float32Array(result.buffer);
}

/** Four bits of exponent, three of mantissa, no infinity, one NaN for each sign. */
function float8e4m3fn(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = bits >> 3 & 0xF, mantissa = bits & 7;
  if (exponent === 0xF && mantissa === 7) return NaN;
  return sign * (exponent === 0 ? mantissa / 512 : (1 + mantissa / 8) * 2 ** (exponent - 7));
}
