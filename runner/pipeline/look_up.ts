/**
 * What a reference stands for: `${params.x}`, which may refer to other params, `${matrix.y}`.
 *
 * @module
 */
import { didYouMean } from "../nearest.ts";
import { isMapping, type PipelineDocument } from "./document.ts";
import { type LookUp, substitute } from "./expression.ts";
import { describe } from "./findings.ts";
import type { At, Mistakes } from "./mistakes.ts";

/** A look-up over params that may refer to one another, and over the values of a matrix cell. */
export function makeLookUp(
  document: PipelineDocument,
  mistakes: Mistakes,
): (matrix: Record<string, unknown> | undefined) => LookUp {
  const params = document.file.params ?? {};
  const resolved = new Map<string, { value: unknown }>();
  const open: string[] = [];

  /** The value of a param with its own references resolved. */
  function param(name: string, at: At, matrix: Record<string, unknown> | undefined): unknown {
    const known = resolved.get(name);
    if (known) return known.value;
    if (open.includes(name)) {
      const round = [...open.slice(open.indexOf(name)), name];
      mistakes.add(`the param "${name}" refers to itself`, at, { notes: [round.join(" → ")] });
      return undefined;
    }
    open.push(name);
    const before = mistakes.count;
    const path = name.split(".");
    let value: unknown = params;
    for (const [depth, key] of path.entries()) {
      if (!isMapping(value) || !Object.hasOwn(value, key)) {
        const words = isMapping(value) ? Object.keys(value) : [];
        const above = ["params", ...path.slice(0, depth)].join(".");
        const near = didYouMean(key, words)?.replace('"', `"${above}.`);
        mistakes.add(`there is no param "${name}"`, at, {
          hint: near,
          notes: [
            isMapping(value)
              ? `${above} has: ${words.join(", ") || "nothing"}`
              : `${above} is ${describe(value)}: it has no parts`,
          ],
        });
        value = undefined;
        break;
      }
      value = value[key];
      const here = ["params", ...path.slice(0, depth + 1)];
      const isLast = depth === path.length - 1;
      if (isLast || typeof value === "string") {
        value = substitute(value, here, (inner, place) => lookUp(inner, place, matrix), mistakes);
      }
      if (mistakes.count > before) break;
    }
    open.pop();
    // A failed one is not kept: whoever asks next must learn of the mistake too.
    if (mistakes.count === before) resolved.set(name, { value });
    return value;
  }

  function lookUp(name: string, at: At, matrix: Record<string, unknown> | undefined): unknown {
    const [head, ...rest] = name.split(".");
    const key = rest.join(".");
    if (head === "params" && key !== "") return param(key, at, matrix);
    if (head === "matrix" && key !== "" && at.path[0] === "stages") {
      if (matrix && Object.hasOwn(matrix, key)) return matrix[key];
      const axes = Object.keys(matrix ?? {});
      const near = didYouMean(key, axes)?.replace('"', '"matrix.');
      const notes = [
        matrix ? `matrix has: ${axes.join(", ")}` : "this stage has no matrix",
      ];
      mistakes.add(`there is no "${name}" here`, at, { hint: near, notes });
      return undefined;
    }
    mistakes.add(`cannot resolve "${name}"`, at, {
      hint: at.path[0] === "stages"
        ? "expected params.NAME or matrix.NAME"
        : "expected params.NAME",
    });
    return undefined;
  }

  return (matrix) => (name, at) => lookUp(name, at, matrix);
}
