/**
 * What a param may become: a value of the type that its default has.
 *
 * @module
 */
import { isMapping, isOpenAt, type PipelineDocument } from "./document.ts";

/** Null stands for "not given" and fits everywhere; a reference is checked where it is used. */
export function agrees(below: unknown, value: unknown): boolean {
  const isReference = (one: unknown) => typeof one === "string" && one.includes("${");
  if (below === null || value === null || isReference(below) || isReference(value)) return true;
  return typeName(below) === typeName(value);
}

/** E.g. `a number`. */
export function typeName(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "boolean":
      return "true or false";
    case "number":
      return "a number";
    case "string":
      return "text";
    default:
      return value === null ? "null" : "a mapping";
  }
}

/**
 * Whether any key may be set in the param at a path, because the module that it chooses defines
 * them, or the person who fills it.
 */
export function takesAnyKey(document: PipelineDocument, path: string[], value: unknown): boolean {
  if (path.length === 0) return false;
  if (isOpenAt(document, path)) return true;
  if (!isMapping(value)) return value === null;
  return Object.keys(value).length === 0 || /(^|_)options$/.test(path[path.length - 1]);
}
