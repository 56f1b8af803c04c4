/**
 * Finds the weights of one network in a checkpoint, through whatever they are wrapped in.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { isFloat, toFloat32 } from "./dtypes.ts";
import { isTensor, type StoredTensor, type Value, type WeightsFile } from "./stored_tensor.ts";
import { children, type Counts, countTensors, tensorsBelow } from "./tree.ts";

/** A tensor by the name that the network knows it by. */
export interface WeightTensor extends StoredTensor {
  /** PyTorch's, with all levels, without `module.`. */
  name: string;
}

/** The weights of one network. */
export interface Weights {
  /** The keys that lead to them; empty for the whole file. */
  part: string[];
  /** In the file's order; no two have the same name. */
  tensors: WeightTensor[];
}

/** Where to look. */
export interface FindOptions {
  /**
   * The keys that lead to the weights, joined by `/`: `net_sr`, `ema/state_dict`; `/` for the
   * whole file. By default the only place that can be meant.
   */
  part?: string;
}

/** Keys that frameworks keep the weights of a network under. */
const WRAPPER =
  /^((params|weights|net|network|generator|model|module|ema)(_\w+)?|(\w+_)?state_dict)$/i;

/** Keys of what belongs to a training, not to a network. */
const TRAINING = /optim|sched|scaler|(^|_)rng/i;

/** What wrappers for several devices, and compilers, put before every name. */
const PREFIX = /^(module|_orig_mod)\./;

/**
 * The weights of the one network that a file holds.
 *
 * Descends through `params_ema`, `params`, `state_dict`, `net`, `model` and the like, leaves
 * optimizers aside, and takes `module.` off the names where all have it.
 *
 * @throws {InputError} that lists the choices if several places can be meant, or `part` is none
 */
export function findWeights({ file, tree }: WeightsFile, options: FindOptions = {}): Weights {
  const fail = (what: string): never => {
    throw new InputError(`Cannot take weights from ${file}: ${what}`);
  };
  const counts = countTensors(tree);
  const part = options.part === undefined
    ? descend(tree, counts, fail)
    : options.part.split("/").filter((key) => key !== "");
  const value = follow(tree, part, counts, fail);
  const found = [...tensorsBelow(value, counts)];
  if (found.length === 0) fail(`${named(part)} holds no tensors`);
  const names = withoutPrefix(found.map(({ path }) => path.join(".")));
  const taken = new Set<string>();
  for (const name of names) {
    if (taken.has(name)) fail(`two tensors of ${named(part)} are called "${name}"`);
    taken.add(name);
  }
  return {
    part,
    tensors: found.map(({ path: _, ...tensor }, i) => ({ ...tensor, name: names[i] })),
  };
}

/**
 * The numbers of a tensor as float32: narrower floats exactly, float64 rounded to the nearest.
 *
 * @param integers whether integers and bools are taken too, as networks have them as buffers
 * @throws {InputError} if the numbers are no reals, or integers where none may be, or as `read()`
 */
export async function readFloat32(
  tensor: WeightTensor,
  integers = false,
): Promise<Float32Array<ArrayBuffer>> {
  const { name, dtype } = tensor;
  if (!isFloat(dtype) && (!integers || dtype.startsWith("complex"))) {
    throw new InputError(`Cannot take "${name}" as weights: expected floats, found ${dtype}`);
  }
  return toFloat32(await tensor.read(), dtype);
}

/** Goes down as long as only one way can be meant. */
function descend(tree: Value, counts: Counts, fail: (what: string) => never): string[] {
  const part: string[] = [];
  let here = tree;
  while (!isTensor(here)) {
    const below = [...children(here)].filter(([, child]) => counts.get(child));
    const wrapped = below.filter(([key, child]) => WRAPPER.test(key) && !isTensor(child));
    if (wrapped.length === 0 && below.some(([, child]) => isTensor(child))) break;
    const ways = wrapped.length > 0 ? wrapped : below.filter(([key]) => !TRAINING.test(key));
    if (ways.length === 0) break;
    if (ways.length > 1) {
      fail(
        `it holds several sets of weights; choose a part, or "/" for all:\n` +
          listed(part, ways, counts),
      );
    }
    part.push(ways[0][0]);
    here = ways[0][1];
  }
  return isTensor(here) ? part.slice(0, -1) : part;
}

function follow(
  tree: Value,
  part: string[],
  counts: Counts,
  fail: (what: string) => never,
): Value {
  let here = tree;
  part.forEach((key, depth) => {
    const below = [...children(here)];
    const next = below.find(([step]) => step === key);
    if (next === undefined) {
      const ways = below.filter(([, child]) => counts.get(child) && !isTensor(child));
      const at = part.slice(0, depth);
      fail(
        `${named(at)} has no part "${key}"` +
          (ways.length === 0 ? "" : `; its parts are:\n${listed(at, ways, counts)}`),
      );
    } else here = next[1];
  });
  return here;
}

function withoutPrefix(names: string[]): string[] {
  let short = names;
  while (short.every((name) => PREFIX.test(name))) {
    short = short.map((name) => name.replace(PREFIX, ""));
  }
  return short;
}

/** So many choices are shown. */
const SHOWN = 20;

function listed(at: string[], ways: [string, Value][], counts: Counts): string {
  const lines = ways.slice(0, SHOWN).map(([key, child]) => {
    const count = counts.get(child) ?? 0;
    return `  ${[...at, key].join("/")} (${count} ${count === 1 ? "tensor" : "tensors"})`;
  });
  if (ways.length > SHOWN) lines.push(`  ... and ${ways.length - SHOWN} more`);
  return lines.join("\n");
}

function named(part: string[]): string {
  return part.length === 0 ? "the file" : `"${part.join("/")}"`;
}
