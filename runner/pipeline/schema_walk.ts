/**
 * Looks into schemas: what is under the wrappers, which keys a mapping takes, what hangs where.
 *
 * @module
 */
import { z } from "zod";
import { type ParamMeta, paramMeta } from "../stage.ts";
import type { Step } from "./source.ts";

type Schema = z.core.$ZodType;

/** Removes `.optional()`, `.default()`, `.nullable()` and the like. */
export function unwrap(schema: Schema): Schema {
  const inner = wrapped(schema);
  return inner ? unwrap(inner) : schema;
}

function wrapped(schema: Schema): Schema | undefined {
  // Zod's own way to tell schemas apart: the union of all its classes, told by `def.type`.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
      return def.innerType;
    case "pipe":
      return def.in;
    case "lazy":
      return def.getter();
    default:
      return undefined;
  }
}

/** The schemas one step down: by key, or under `undefined` where any key or index goes. */
function* children(schema: Schema): Generator<[Step | undefined, Schema]> {
  const { def } = (unwrap(schema) as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      yield* Object.entries(def.shape);
      if (def.catchall) yield [undefined, def.catchall];
      return;
    case "array":
      return yield [undefined, def.element];
    case "record":
      return yield [undefined, def.valueType];
    case "tuple":
      return yield* def.items.entries();
    case "union":
      for (const option of def.options) yield* children(option);
      return;
    case "intersection":
      yield* children(def.left);
      yield* children(def.right);
  }
}

/** Keys that the mapping at a path takes; empty where it takes any. */
export function keysAt(schema: Schema, path: Step[]): string[] {
  let level = [schema];
  for (const step of path) {
    level = level.flatMap((one) =>
      [...children(one)]
        .filter(([key]) => key === undefined || key === step)
        .map(([, child]) => child)
    );
  }
  const keys = level.flatMap((one) => [...children(one)].map(([key]) => key));
  return [...new Set(keys.filter((key) => typeof key === "string"))];
}

/** Something a schema says of a parameter. */
export interface MetaAt {
  /** `undefined` stands for every key or index. */
  path: (Step | undefined)[];
  meta: ParamMeta;
  /** Keys beside it in the same mapping. */
  siblings: string[];
}

const known = new WeakMap<Schema, MetaAt[]>();

/** What `moduleIn()` and `externalPath()` have said, wherever they stand in a schema. */
export function metaIn(schema: Schema): MetaAt[] {
  const found = known.get(schema) ?? [...collect(schema, [], [], new Set())];
  known.set(schema, found);
  return found;
}

function* collect(
  schema: Schema,
  path: (Step | undefined)[],
  siblings: string[],
  above: Set<Schema>,
): Generator<MetaAt> {
  if (above.has(schema)) return; // A schema that holds itself.
  for (let one: Schema | undefined = schema; one; one = wrapped(one)) {
    const meta = paramMeta.get(one);
    if (meta) yield { path, meta, siblings };
  }
  const below = new Set([...above, schema]);
  const inner = [...children(schema)];
  const keys = inner.map(([key]) => key).filter((key) => typeof key === "string");
  for (const [key, child] of inner) yield* collect(child, [...path, key], keys, below);
}

/** Every path of a value that fits a pattern in which `undefined` stands for any step. */
export function expandPath(value: unknown, pattern: (Step | undefined)[]): Step[][] {
  const [step, ...rest] = pattern;
  if (pattern.length === 0) return [[]];
  if (typeof value !== "object" || value === null) return [];
  const steps = step !== undefined
    ? [step]
    : Array.isArray(value)
    ? [...value.keys()]
    : Object.keys(value);
  return steps.flatMap((one) => expandPath(valueAt(value, [one]), rest).map((p) => [one, ...p]));
}

/** The value at a path, or undefined. */
export function valueAt(value: unknown, path: Step[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, step)) return undefined;
    here = Reflect.get(here, step);
  }
  return here;
}
