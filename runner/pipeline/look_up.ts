/**
 * What a reference stands for: `${params.x}`, which may refer to other params, `${matrix.y}`, and
 * `${params.x[matrix.y]}`, the value in a mapping under the key that another reference stands for.
 *
 * @module
 */
import { didYouMean } from "../nearest.ts";
import { isMapping, isOpenAt, type PipelineDocument } from "./document.ts";
import { type LookUp, substitute } from "./expression.ts";
import { describe } from "./findings.ts";
import type { At, Mistakes } from "./mistakes.ts";
import { parseReference, type Reference } from "./reference.ts";

/** The values of a matrix cell by axis; undefined where there is no matrix. */
type Cell = Record<string, unknown> | undefined;

/** A key on the way to a param. */
interface Key {
  name: string;
  /** Where it comes from if it is written in brackets, e.g. `matrix.network`, and what that is. */
  index?: { text: string; value: unknown };
}

/** A look-up over params that may refer to one another, and over the values of a matrix cell. */
export function makeLookUp(
  document: PipelineDocument,
  mistakes: Mistakes,
): (cell: Cell) => LookUp {
  const params = document.file.params ?? {};
  const resolved = new Map<string, { value: unknown }>();
  const open: string[] = [];
  return lookUpIn;

  function lookUpIn(cell: Cell): LookUp {
    return (text, at) => {
      const reference = parseReference(text);
      if (reference) return lookUp(reference, at, cell);
      mistakes.add(`cannot read the reference "${text}"`, at, {
        hint: "expected e.g. params.NAME[matrix.NAME]",
      });
      return undefined;
    };
  }

  function lookUp({ text, steps: [root, ...steps] }: Reference, at: At, cell: Cell): unknown {
    const inStage = at.path[0] === "stages";
    if (root === "params" && steps.length > 0 && steps[0] !== "") {
      const keys = readKeys(steps, at, cell);
      return keys && param(keys, at, cell);
    }
    if (root === "matrix" && steps.length > 0 && steps[0] !== "" && inStage) {
      return axis(text.slice("matrix.".length), at, cell);
    }
    mistakes.add(`cannot resolve "${text}"`, at, {
      hint: inStage ? "expected params.NAME or matrix.NAME" : "expected params.NAME",
    });
    return undefined;
  }

  /** Puts what they stand for in the place of the names in brackets. */
  function readKeys(steps: Reference["steps"], at: At, cell: Cell): Key[] | undefined {
    const keys: Key[] = [];
    for (const step of steps) {
      if (typeof step === "string") {
        keys.push({ name: step });
        continue;
      }
      const before = mistakes.count;
      const value = lookUp(step, at, cell);
      if (mistakes.count > before) return undefined;
      if (value === null || typeof value === "object") {
        mistakes.add(`"${step.text}" is ${describe(value)} and cannot be a key`, at, {
          hint: "expected text, a number, true or false",
        });
        return undefined;
      }
      keys.push({ name: String(value), index: { text: step.text, value } });
    }
    return keys;
  }

  function axis(name: string, at: At, cell: Cell): unknown {
    if (cell && Object.hasOwn(cell, name)) return cell[name];
    const axes = Object.keys(cell ?? {});
    const near = didYouMean(name, axes)?.replace('"', '"matrix.');
    const notes = [cell ? `matrix has: ${axes.join(", ")}` : "this stage has no matrix"];
    mistakes.add(`there is no "matrix.${name}" here`, at, { hint: near, notes });
    return undefined;
  }

  /** The value of a param with its own references resolved. */
  function param(keys: Key[], at: At, cell: Cell): unknown {
    const path = keys.map(({ name }) => name);
    const name = path.join(".");
    const identity = JSON.stringify(path);
    const known = resolved.get(identity);
    if (known) return known.value;
    if (open.includes(name)) {
      const round = [...open.slice(open.indexOf(name)), name];
      mistakes.add(`the param "${name}" refers to itself`, at, { notes: [round.join(" → ")] });
      return undefined;
    }
    open.push(name);
    const before = mistakes.count;
    let value: unknown = params;
    for (const [depth, key] of path.entries()) {
      const found = value;
      if (!isMapping(found) || !Object.hasOwn(found, key)) {
        const isIndexed = keys.slice(0, depth + 1).some(({ index }) => index);
        // Nobody can list the keys of an open mapping beforehand: one that is not given is null.
        value = isIndexed && isOpenAt(document, path.slice(0, depth)) ? null : undefined;
        if (value === undefined) reportMissing(keys, depth, found, at);
        break;
      }
      value = found[key];
      const here = ["params", ...path.slice(0, depth + 1)];
      const isLast = depth === path.length - 1;
      if (isLast || typeof value === "string") {
        value = substitute(value, here, lookUpIn(cell), mistakes);
      }
      if (mistakes.count > before) break;
    }
    open.pop();
    // A failed one is not kept: whoever asks next must learn of the mistake too.
    if (mistakes.count === before) resolved.set(identity, { value });
    return value;
  }

  /** @param found what the keys before lead to */
  function reportMissing(keys: Key[], depth: number, found: unknown, at: At): void {
    const words = isMapping(found) ? Object.keys(found) : [];
    const { name, index } = keys[depth];
    const above = ["params", ...keys.slice(0, depth).map((key) => key.name)].join(".");
    const near = didYouMean(name, words);
    mistakes.add(`there is no param "${keys.map((key) => key.name).join(".")}"`, at, {
      hint: index ? near : near?.replace('"', `"${above}.`),
      notes: [
        ...keys.map(({ index }) => index && `${index.text} is ${describe(index.value)}`),
        isMapping(found)
          ? `${above} has: ${words.join(", ") || "nothing"}`
          : `${above} is ${describe(found)}: it has no parts`,
      ],
    });
  }
}
