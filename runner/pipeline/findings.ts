/**
 * What a schema finds wrong with a value, in words a person understands.
 *
 * @module
 */
import type { z } from "zod";
import { didYouMean } from "../nearest.ts";
import { keysAt, valueAt } from "./schema_walk.ts";
import type { Step } from "./source.ts";

/** One thing that is wrong. */
export type Finding =
  /** A key that is not taken; `path` ends with it. */
  | { kind: "unknown"; path: Step[]; hint: string | undefined; takes: string[] }
  /** A value that must be given. */
  | { kind: "missing"; path: Step[]; expected: string }
  /** `must` completes "… must ", e.g. `be a number`. */
  | { kind: "wrong"; path: Step[]; must: string; hint: string };

type Issue = z.core.$ZodIssue;

/** Translates the findings of a schema for the value it has refused. */
export function findings(issues: Issue[], schema: z.core.$ZodType, value: unknown): Finding[] {
  return issues.flatMap((issue) => translate(issue, [], schema, value));
}

function translate(
  issue: Issue,
  prefix: Step[],
  schema: z.core.$ZodType,
  value: unknown,
): Finding[] {
  const steps = issue.path.filter((step) => typeof step !== "symbol");
  const path = [...prefix, ...steps];
  if (issue.code === "unrecognized_keys") {
    const takes = keysAt(schema, path);
    return issue.keys.map((key) => ({
      kind: "unknown",
      path: [...path, key],
      hint: didYouMean(key, takes),
      takes,
    }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0 && isDefault(issue)) {
    const best = bestBranch(issue.errors);
    if (best) return best.flatMap((inner) => translate(inner, path, schema, value));
  }
  if (issue.code === "invalid_element") {
    return issue.issues.flatMap((inner) => translate(inner, path, schema, value));
  }
  const found = valueAt(value, path);
  if (issue.code === "invalid_key") {
    const [reason] = issue.issues;
    const must = `be ${reason ? expectedOf(reason) : "a valid name"}`;
    return [{ kind: "wrong", path, must, hint: `found ${describe(path.at(-1))}` }];
  }
  if (issue.code === "custom") {
    return [{ kind: "wrong", path, must: issue.message, hint: `found ${describe(found)}` }];
  }
  const expected = expectedOf(issue);
  if (found === undefined) return [{ kind: "missing", path, expected }];
  return [{ kind: "wrong", path, must: `be ${expected}`, hint: hintFor(issue, found) }];
}

/** Zod's own texts are not shown; a text that a schema's author gave is. */
function isDefault({ message }: Issue): boolean {
  return /^(Invalid|Too (small|big)|Unrecognized)/.test(message);
}

/** The alternative that came nearest: the one that failed deepest inside, if any got that far. */
function bestBranch(branches: Issue[][]): Issue[] | undefined {
  const depth = (issues: Issue[]) => Math.min(...issues.map((issue) => issue.path.length));
  const deepest = branches.toSorted((a, b) => depth(b) - depth(a))[0];
  const reached = depth(deepest) > 0 || deepest.some(({ code }) => code === "unrecognized_keys");
  return reached ? deepest : undefined;
}

const TYPES: Record<string, string> = {
  array: "a list",
  bigint: "a whole number",
  boolean: "true or false",
  int: "a whole number",
  map: "a mapping",
  null: "null",
  number: "a number",
  object: "a mapping",
  record: "a mapping",
  string: "text",
  tuple: "a list",
};

/** Completes "must be …". */
function expectedOf(issue: Issue): string {
  if (!isDefault(issue)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return either(issue.values.map((value) => String(describe(value))));
    case "too_small":
      return bound(issue.origin, issue.inclusive ? "at least" : "greater than", issue.minimum);
    case "too_big":
      return bound(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum);
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_format":
      return issue.pattern ? `text that fits ${issue.pattern}` : `text of the form ${issue.format}`;
    case "invalid_union": {
      if ("options" in issue && issue.options) {
        return either(issue.options.map((word) => `"${String(word)}"`));
      }
      return either([...new Set(issue.errors.flat().map(expectedOf))]);
    }
    default:
      return issue.message;
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === "string") return `text of ${relation} ${limit} character${plural(limit)}`;
  if (origin === "array") return `a list of ${relation} ${limit} value${plural(limit)}`;
  if (origin === "object" || origin === "record") return `a mapping of ${relation} ${limit}`;
  return `${relation} ${limit}`;
}

function plural(count: number | bigint): string {
  return Number(count) === 1 ? "" : "s";
}

/** `a, b or c`. */
export function either(words: string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function hintFor(issue: Issue, found: unknown): string {
  const words = issue.code === "invalid_value" ? issue.values : [];
  const texts = words.filter((word) => typeof word === "string");
  const suggestion = typeof found === "string" ? didYouMean(found, texts) : undefined;
  const isNumberInQuotes = typeof found === "string" && found.trim() !== "" &&
    !Number.isNaN(Number(found)) &&
    (issue.code === "invalid_type"
      ? /^(number|int)$/.test(issue.expected)
      : words.includes(Number(found)));
  if (isNumberInQuotes) return `found the text "${found}": write it without quotes`;
  return suggestion ?? `found ${describe(found)}`;
}

/** A value as it reads in a message: short, with its type visible. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") {
    return value.length > 60 ? `the text "${value.slice(0, 57)}..."` : `"${value}"`;
  }
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return String(value);
}
