/**
 * Finds which tensor of a file belongs to which parameter of a network, by names and shapes.
 *
 * @module
 */
import type { Declared } from "./declarations.ts";
import { isFixed, isLastLayer, isOptional, RENAMES } from "./families.ts";

/** What is known of a tensor before it is read. */
export interface Named {
  name: string;
  /** PyTorch's. */
  shape: number[];
}

/** A tensor of the file and the parameter that it is for. */
export interface Pair<T extends Named> {
  tensor: T;
  parameter: Declared;
}

/** What became of every name. */
export interface Match<T extends Named> {
  /** Under the same name. */
  matched: Pair<T>[];
  /** Under another name, and whose way of naming that is. */
  renamed: (Pair<T> & { family: string })[];
  /** A last layer for another number of classes; not taken. */
  otherClasses: Pair<T>[];
  /** Of another shape; not taken. */
  wrongShape: Pair<T>[];
  /** Follows from the network's options; compared instead of taken. */
  fixed: Pair<T>[];
  /** Of the network, but not in the file. */
  missing: Declared[];
  /** In the file, but not of the network. */
  unexpected: T[];
  /** Counters and the like that nobody needs. */
  ignored: T[];
}

/** Matches by the same name first, then by the families' ways of naming. */
export function match<T extends Named>(
  tensors: readonly T[],
  declared: readonly Declared[],
): Match<T> {
  const free = new Map(declared.map((parameter) => [parameter.name, parameter]));
  const result: Match<T> = {
    matched: [],
    renamed: [],
    otherClasses: [],
    wrongShape: [],
    fixed: [],
    missing: [],
    unexpected: [],
    ignored: [],
  };
  const take = (tensor: T, parameter: Declared, family?: string) => {
    free.delete(parameter.name);
    const pair = { tensor, parameter };
    if (isFixed(parameter.name)) result.fixed.push(pair);
    else if (tensor.shape.join() !== parameter.shape.join()) {
      (otherClassCount(pair) ? result.otherClasses : result.wrongShape).push(pair);
    } else if (family === undefined) result.matched.push(pair);
    else result.renamed.push({ ...pair, family });
  };
  const rest: T[] = [];
  for (const tensor of tensors) {
    const parameter = free.get(tensor.name);
    if (parameter === undefined) rest.push(tensor);
    else take(tensor, parameter);
  }
  for (const tensor of rest) {
    const found = otherName(tensor.name, free);
    if (found !== undefined) take(tensor, found.parameter, found.family);
    else if (isOptional(tensor.name) || isFixed(tensor.name)) result.ignored.push(tensor);
    else result.unexpected.push(tensor);
  }
  result.missing = [...free.values()].filter(({ first }) => first === undefined);
  return result;
}

/**
 * How many classes the file's last layer is for.
 *
 * @param classes of the network
 * @returns undefined if the last layers are not for another number
 */
export function classesOf(
  { otherClasses: [first] }: Match<Named>,
  classes: number,
): number | undefined {
  if (first === undefined) return undefined;
  return first.tensor.shape[0] * classes / first.parameter.shape[0];
}

function otherName(
  name: string,
  free: ReadonlyMap<string, Declared>,
): { parameter: Declared; family: string } | undefined {
  for (const [family, rules] of Object.entries(RENAMES)) {
    for (const [from, to] of rules) {
      const parameter = from.test(name) ? free.get(name.replace(from, to)) : undefined;
      if (parameter !== undefined) return { parameter, family };
    }
  }
  return undefined;
}

function otherClassCount({ tensor, parameter }: Pair<Named>): boolean {
  const [[, ...of], [, ...wanted]] = [tensor.shape, parameter.shape];
  return isLastLayer(parameter.name) && tensor.shape.length > 0 && of.join() === wanted.join();
}
