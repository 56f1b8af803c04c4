/**
 * The names that a file of weights may use, and what each stands for. Whatever is not here is
 * refused.
 *
 * @module
 */
import { isTensor, type Key, type StoredTensor, type Value } from "../stored_tensor.ts";
import { MAX_DIMENSIONS } from "../strided.ts";
import { Attributes, Callable, isPlain, type Item, Opaque } from "./pickle.ts";
import { Storage, storageType, tensorOf, torchDType } from "./storage.ts";

type Call = ConstructorParameters<typeof Callable>[1];

const CALLS: Record<string, Call> = {
  "collections.OrderedDict": dict,
  "collections.Counter": dict,
  // Protocol 2 writes sets and bytes as calls.
  "__builtin__.set": list,
  "builtins.set": list,
  "_codecs.encode": latin1,
  // The settings of a training, beside its weights.
  "argparse.Namespace": () => new Attributes(),
  "torch.Size": list,
  "torch.device": (args) => args.slice(0, 2).filter(isPlain).join(":"),
  "torch._utils._rebuild_tensor": rebuild,
  "torch._utils._rebuild_tensor_v2": rebuild,
  "torch._utils._rebuild_tensor_v3": rebuildOfType,
  "torch._utils._rebuild_parameter": ([tensor]) => theTensor(tensor),
  "torch._utils._rebuild_parameter_with_state": ([tensor]) => theTensor(tensor),
  // A tensor that a program has given attributes of its own.
  "torch._tensor._rebuild_from_type_v2": ([call, type, args], copied) => {
    const rebuilds = call instanceof Callable && call.description.startsWith("torch._utils.");
    if (!rebuilds || !Array.isArray(args) || !(type instanceof TensorType)) {
      throw new RangeError("it makes a tensor of a class that is not PyTorch's");
    }
    return theTensor(call.call(args, copied));
  },
};

/** What a name stands for; undefined if it may not be used. */
export function torchGlobal(name: string): Item | undefined {
  if (Object.hasOwn(CALLS, name)) return new Callable(name, CALLS[name]);
  if (torchDType(name) !== undefined) return name;
  return storageType(name) ?? tensorType(name);
}

/** A class of tensors; files name it, nothing calls it. */
class TensorType extends Opaque {
  constructor(readonly description: string) {
    super();
  }
}

function tensorType(name: string): TensorType | undefined {
  const known = /^torch\.(cuda\.)?([A-Z][A-Za-z0-9]*)?Tensor$|^torch\.nn\.parameter\.Parameter$/;
  return known.test(name) ? new TensorType(name) : undefined;
}

/** Reads `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)`. */
function rebuild([storage, offset, size, stride]: Item[]): StoredTensor {
  if (!(storage instanceof Storage)) throw new RangeError("it makes a tensor without a storage");
  return tensorOf(storage, { offset: integer(offset), shape: sizes(size), stride: sizes(stride) });
}

/** Reads `_rebuild_tensor_v3`, which is v2 with the type at its end. */
function rebuildOfType([storage, offset, size, stride, _grad, _hooks, type]: Item[]): StoredTensor {
  if (!(storage instanceof Storage)) throw new RangeError("it makes a tensor without a storage");
  const dtype = typeof type === "string" ? torchDType(type) : undefined;
  if (dtype === undefined) throw new RangeError("it makes a tensor of an unknown type");
  const view = { offset: integer(offset), shape: sizes(size), stride: sizes(stride) };
  return tensorOf(storage, view, dtype);
}

function theTensor(item: Item): StoredTensor {
  if (!isTensor(item)) throw new RangeError("it makes a parameter of what is no tensor");
  return item;
}

function dict([items]: Item[], copied: (items: number) => void): Item {
  const result = new Map<Key, Item>();
  if (items instanceof Map) {
    copied(items.size);
    for (const [key, value] of items) result.set(key, value);
  } else if (items !== undefined) {
    const pairs = list([items]);
    copied(pairs.length);
    for (const pair of pairs) {
      const [key, value, ...more] = list([pair]);
      if (value === undefined || more.length > 0 || !isPlain(key)) {
        throw new RangeError("it makes a dict of what are no pairs");
      }
      result.set(key, value);
    }
  }
  return result;
}

function list([items = []]: Item[]): Item[] {
  if (!Array.isArray(items)) throw new RangeError("a call in its pickle lacks a list");
  return items;
}

/** Reads `encode(text, "latin1")`. */
function latin1([text, encoding]: Item[], copied: (items: number) => void): Uint8Array {
  if (typeof text !== "string" || encoding !== "latin1") {
    throw new RangeError("it has bytes that are written as no text in Latin-1");
  }
  copied(text.length);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function integer(item: Item): number {
  if (typeof item !== "number" || !Number.isSafeInteger(item)) {
    throw new RangeError("a size, stride or offset of a tensor is no integer, or too large");
  }
  return item;
}

function sizes(item: Item): number[] {
  const all = list([item]);
  if (all.length > MAX_DIMENSIONS) throw new RangeError(`a tensor has ${all.length} dimensions`);
  return all.map(integer);
}

/**
 * Makes sure that a pickle's result is a value of a checkpoint.
 *
 * @throws {RangeError} if a part is no value: a function, a class, a storage without a tensor
 */
export function assertValue(item: Item): asserts item is Value {
  const seen = new Set<Item>();
  const waiting = [item];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next instanceof Opaque) throw new RangeError(`it holds ${next.description} as a value`);
    if (seen.has(next)) continue;
    if (Array.isArray(next) || next instanceof Map) {
      seen.add(next);
      for (const child of next.values()) waiting.push(child);
    }
  }
}
