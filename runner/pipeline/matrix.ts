/**
 * A matrix: one stage, run once for each combination of values.
 *
 * @module
 */
import { didYouMean } from "../nearest.ts";
import { isMapping } from "./document.ts";
import { type LookUp, substitute } from "./expression.ts";
import { describe } from "./findings.ts";
import type { Mistakes } from "./mistakes.ts";
import type { StageEntry } from "./schema.ts";
import type { Step } from "./source.ts";

/** One combination. */
export interface Cell {
  /** `name/value/…`; the stage's name where there is no matrix. */
  id: string;
  /** Undefined where there is no matrix. */
  values: Record<string, unknown> | undefined;
}

/**
 * The cells of a stage, first axis slowest. The lists of `zip` walk together and are the slowest;
 * `exclude` removes cells that match all given values; `include` adds whole cells.
 *
 * @param path where the stage stands
 */
export function expandMatrix(
  name: string,
  matrix: StageEntry["matrix"],
  path: Step[],
  lookUp: LookUp,
  mistakes: Mistakes,
): Cell[] {
  if (!matrix) return [{ id: name, values: undefined }];
  const { zip, include = [], exclude = [], ...lists } = matrix;
  const at = (...steps: Step[]) => [...path, "matrix", ...steps];
  const zipped = zip === undefined ? [] : readZip(zip);
  const single = Object.keys(lists).map((axis) => {
    if (zipped?.some(([name]) => name === axis)) {
      mistakes.add(`the matrix of stage "${name}" has "${axis}" twice, also in its zip`, {
        path: at(axis),
        on: "key",
      });
      return undefined;
    }
    return readAxis(axis, lists[axis], at(axis));
  });
  if (zipped === undefined || !isComplete(single)) return [];
  const axes = [...zipped, ...single].map(([axis]) => axis);
  if (axes.length === 0) {
    mistakes.add(`the matrix of stage "${name}" has no values`, { path: at(), on: "key" }, {
      hint: "expected NAME: [value, ...]",
    });
  }

  let combinations: Record<string, unknown>[] = zipped.length === 0
    ? [{}]
    : zipped[0][1].map((_, i) =>
      Object.fromEntries(zipped.map(([axis, values]) => [axis, values[i]]))
    );
  for (const [axis, values] of single) {
    combinations = combinations.flatMap((cell) =>
      values.map((value) => ({ ...cell, [axis]: value }))
    );
  }

  for (const [i, pattern] of exclude.entries()) {
    checkAxes(pattern, at("exclude", i));
    const wanted = Object.entries(pattern);
    combinations = combinations.filter((cell) =>
      !wanted.every(([key, value]) => cell[key] === value)
    );
  }
  for (const [i, cell] of include.entries()) {
    checkAxes(cell, at("include", i));
    const missing = axes.filter((axis) => !Object.hasOwn(cell, axis));
    if (missing.length > 0) {
      mistakes.add(`an included cell of stage "${name}" lacks ${missing.join(", ")}`, {
        path: at("include", i),
      }, { hint: "a cell gives every value" });
      continue;
    }
    axes.forEach((axis) => checkValue(cell[axis], at("include", i, axis)));
    combinations.push(Object.fromEntries(axes.map((axis) => [axis, cell[axis]])));
  }

  const cells = new Map<string, Cell>();
  for (const values of combinations) {
    const id = [name, ...Object.values(values)].join("/");
    if (cells.has(id)) {
      mistakes.add(`the matrix of stage "${name}" has the cell "${id}" twice`, {
        path: at(),
        on: "key",
      });
    }
    cells.set(id, { id, values });
  }
  return [...cells.values()];

  /** The values of one axis, or a mapping's keys; undefined if something is wrong with them. */
  function readAxis(axis: string, list: unknown, where: Step[]): Axis | undefined {
    const before = mistakes.count;
    const given = substitute(list, where, lookUp, mistakes);
    if (mistakes.count > before) return undefined;
    // The keys of a mapping that may be empty, as of files that a person names: no cells then.
    const values = isMapping(given) ? Object.keys(given) : given;
    if (!Array.isArray(values) || (values === given && values.length === 0)) {
      mistakes.add(`"${axis}" in the matrix of stage "${name}" must be a list of values`, {
        path: where,
      }, { hint: `found ${describe(values)}` });
      return undefined;
    }
    values.forEach((value, i) => checkValue(value, [...where, i]));
    return [axis, values];
  }

  /** The axes that walk together, which have equally many values. */
  function readZip(zip: unknown): Axis[] | undefined {
    const before = mistakes.count;
    const lists = typeof zip === "string" ? substitute(zip, at("zip"), lookUp, mistakes) : zip;
    if (mistakes.count > before) return undefined;
    if (!isMapping(lists) || Object.keys(lists).length === 0) {
      mistakes.add(`"zip" in the matrix of stage "${name}" must be a mapping of lists`, {
        path: at("zip"),
      }, { hint: `found ${isMapping(lists) ? "an empty mapping" : describe(lists)}` });
      return undefined;
    }
    const read = Object.entries(lists).map(([axis, list]) => readAxis(axis, list, at("zip", axis)));
    if (!isComplete(read)) return undefined;
    if (new Set(read.map(([, values]) => values.length)).size > 1) {
      const lengths = read.map(([axis, { length }]) => `${axis} has ${length}`);
      mistakes.add(`the lists in the zip of stage "${name}" must be equally long`, {
        path: at("zip"),
        on: "key",
      }, { hint: lengths.join(", ") });
      return undefined;
    }
    return read;
  }

  /** A value becomes part of the stage's id, hence of references and file names. */
  function checkValue(value: unknown, where: Step[]): void {
    const isPart = typeof value === "number" || typeof value === "boolean" ||
      (typeof value === "string" && /^[\w+-][\w.+-]*$/.test(value));
    if (isPart) return;
    mistakes.add(`a matrix of stage "${name}" cannot hold ${describe(value)}`, { path: where }, {
      hint: "expected a number or a word of letters, digits, _ . + -",
    });
  }

  function checkAxes(cell: Record<string, unknown>, where: Step[]): void {
    for (const key of Object.keys(cell)) {
      if (axes.includes(key)) continue;
      mistakes.add(
        `the matrix of stage "${name}" has no "${key}"`,
        { path: [...where, key], on: "key" },
        { hint: didYouMean(key, axes), notes: [`it has: ${axes.join(", ")}`] },
      );
    }
  }
}

/** Its name and its values. */
type Axis = [name: string, values: unknown[]];

function isComplete(axes: (Axis | undefined)[]): axes is Axis[] {
  return !axes.includes(undefined);
}
