/**
 * Where in a file a value stands. Loaded only to show a mistake: this parser is slow but keeps
 * positions.
 *
 * @module
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { Place } from "../diagnostic.ts";
import type { Source, Step } from "./source.ts";

/** Offsets into a text, end exclusive. */
export interface Range {
  start: number;
  end: number;
}

/** What of a path to show. */
export interface LocateOptions {
  /** The value (default) or its key. */
  on?: "key" | "value";
  /** Narrows the place to this text inside the value, if it is found there. */
  within?: string;
  /** Stops where the path enters an alias instead of following it to its anchor. */
  stopAtAlias?: boolean;
}

const documents = new WeakMap<Source, Document>();

/** The place of a value or of its key. A path that does not exist leads to what exists of it. */
export function locate(
  source: Source,
  path: Step[],
  { on = "value", within, stopAtAlias = false }: LocateOptions = {},
): Place {
  let document = documents.get(source);
  if (!document) {
    document = parseDocument(source.text, { merge: true, uniqueKeys: false });
    documents.set(source, document);
  }
  let range: Range = { start: 0, end: 0 };
  let node: unknown = document.contents;
  for (const [depth, step] of path.entries()) {
    const found = child(document, node, step);
    if (!found) break;
    const isLast = depth === path.length - 1;
    range = (isLast && on === "key" ? rangeOf(found.key) : undefined) ??
      ownRange(found.value, source.text) ?? rangeOf(found.key) ?? range;
    node = found.value;
    if (stopAtAlias && isAlias(node)) break;
  }
  if (within !== undefined) {
    const at = source.text.slice(range.start, range.end).indexOf(within);
    if (at >= 0) {
      range = { start: range.start + at, end: range.start + at + within.length };
    }
  }
  return placeAt(source, range);
}

/** The place of a range of characters; underlines no further than the line's end. */
export function placeAt(source: Source, { start, end }: Range): Place {
  const lineStart = start === 0 ? 0 : source.text.lastIndexOf("\n", start - 1) + 1;
  const text = source.text.slice(lineStart).split(/\r?\n/, 1)[0];
  const column = start - lineStart + 1;
  const length = Math.max(1, Math.min(end - start, text.length - column + 1));
  const line = source.text.slice(0, lineStart).split("\n").length;
  return { file: source.shown, line, column, length, text };
}

/** The key's and the value's node; in a list, the item stands for both. */
function child(
  document: Document,
  parent: unknown,
  step: Step,
): { key: unknown; value: unknown } | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : { key: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.findLast(({ key }) => keyText(key) === String(step));
  if (pair) return pair;
  for (const { key, value } of node.items) {
    if (keyText(key) !== "<<") continue;
    const merged = isAlias(value) ? value.resolve(document) : value;
    for (const base of isSeq(merged) ? merged.items : [merged]) {
      const found = child(document, base, step);
      if (found) return found;
    }
  }
  return undefined;
}

function keyText(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key);
}

function rangeOf(node: unknown): Range | undefined {
  const range = (node as Node | null)?.range;
  return range ? { start: range[0], end: range[1] } : undefined;
}

/** The range of a value that can be underlined: not of a block, whose key says more. */
function ownRange(node: unknown, text: string): Range | undefined {
  if ((isMap(node) || isSeq(node)) && !node.flow) return undefined;
  const range = rangeOf(node);
  return range && range.end > range.start && text[range.start] !== "\n" ? range : undefined;
}
