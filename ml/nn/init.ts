/**
 * Random starting values, in PyTorch's shapes and element order.
 *
 * @module
 */
import type { Stream } from "../tensor/random.ts";

/** Values for a tensor of PyTorch's `shape`. */
export type Init = (shape: readonly number[], random: Stream) => Float32Array;

/** The same value everywhere. */
export function constant(value: number): Init {
  return (shape) => new Float32Array(count(shape)).fill(value);
}

/** Normal with mean 0. */
export function normal(std: number): Init {
  return (shape, random) =>
    Float32Array.from({ length: count(shape) }, () => std * random.normal());
}

/** Uniform in [-bound, bound). */
export function uniform(bound: number): Init {
  return (shape, random) =>
    Float32Array.from({ length: count(shape) }, () => random.between(-bound, bound));
}

/**
 * PyTorch's default for convolution and linear layers, weight and bias alike: U(±1/√fan_in).
 *
 * @param fanIn inputs of one output: in·k·k
 */
export function torchDefault(fanIn: number): Init {
  return uniform(1 / Math.sqrt(fanIn));
}

/** `kaiming_uniform_` with the given `a`: U(±√(6 / ((1 + a²)·fan_in))); fan_in from the shape. */
export function kaimingUniform(a: number): Init {
  return (shape, random) =>
    uniform(Math.sqrt(6 / ((1 + a * a) * (count(shape) / shape[0]))))(shape, random);
}

/** `kaiming_normal_(mode="fan_out")`: N(0, √(2 / (out·k·k))). */
export function kaimingNormalFanOut(shape: readonly number[], random: Stream): Float32Array {
  return normal(Math.sqrt(2 / (shape[0] * count(shape.slice(2)))))(shape, random);
}

/** Another init's values times a factor. */
export function scaled(init: Init, factor: number): Init {
  return (shape, random) => init(shape, random).map((value) => value * factor);
}

function count(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
