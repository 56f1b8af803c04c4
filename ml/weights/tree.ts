/**
 * Walks what a checkpoint holds. Parts may be shared, so each is looked at once.
 *
 * @module
 */
import { isTensor, type Key, type PathTensor, type Value } from "./stored_tensor.ts";

/** Deepest nesting that is read; checkpoints have less than twenty levels. */
const MAX_DEPTH = 100;

/** Most tensors, each counted under every path; the largest networks have some ten thousand. */
const MAX_TENSORS = 1_000_000;

/** How many tensors lie below each dict and list, counted under every path. */
export type Counts = Map<Value, number>;

/**
 * Counts the tensors below each part.
 *
 * @throws {RangeError} if a part contains itself, is nested too deep, or shares tensors without end
 */
export function countTensors(tree: Value): Counts {
  const counts: Counts = new Map();
  const heights = new Map<Value, number>();
  const open = new Set<Value>();
  /** @returns levels below and with this one */
  const visit = (value: Value, depth: number): number => {
    if (isTensor(value)) {
      counts.set(value, 1);
      return 0;
    }
    if (!isContainer(value)) return 0;
    const known = heights.get(value);
    if (known !== undefined) return known;
    if (open.has(value)) throw new RangeError("a dict or list contains itself");
    open.add(value);
    let height = 1, count = 0;
    for (const [, child] of children(value)) {
      if (depth >= MAX_DEPTH) throw tooDeep();
      height = Math.max(height, 1 + visit(child, depth + 1));
      count += counts.get(child) ?? 0;
    }
    if (height > MAX_DEPTH) throw tooDeep();
    if (count > MAX_TENSORS) {
      throw new RangeError(`it has more than ${MAX_TENSORS} tensors, or shares them without end`);
    }
    open.delete(value);
    heights.set(value, height);
    counts.set(value, count);
    return height;
  };
  visit(tree, 0);
  return counts;
}

/** The tensors below a part, in the file's order, by their paths from it. */
export function* tensorsBelow(
  value: Value,
  counts: Counts,
  path: string[] = [],
): Generator<PathTensor> {
  if (isTensor(value)) {
    const { dtype, shape } = value;
    yield {
      path,
      dtype,
      shape,
      read: () => value.read(),
      readBytes: () => value.readBytes(),
    };
  } else if (isContainer(value)) {
    for (const [step, child] of children(value)) {
      if (counts.get(child)) yield* tensorsBelow(child, counts, [...path, step]);
    }
  }
}

/** The parts of a dict or list, with their keys or indices as text. */
export function* children(value: Value): Generator<[step: string, child: Value]> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield [String(i), value[i]];
  } else if (value instanceof Map) {
    for (const [key, child] of value) yield [keyText(key), child];
  }
}

function isContainer(value: Value): boolean {
  return Array.isArray(value) || value instanceof Map;
}

function keyText(key: Key): string {
  return Array.isArray(key) ? `(${key.map(keyText).join(", ")})` : String(key);
}

function tooDeep(): RangeError {
  return new RangeError(`it is nested more than ${MAX_DEPTH} levels deep`);
}
