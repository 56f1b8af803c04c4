/**
 * Why a stage would run, in words: what differs between its key and that of an earlier result.
 *
 * @module
 */
import { count } from "../ui/format.ts";
import type { TreeChanges } from "../store/tree_changes.ts";
import { type Difference, findDifferences, type Names } from "./differences.ts";
import type { KeyMaterial } from "./record.ts";

export type { Names } from "./differences.ts";

/** So many differences are listed; the rest is counted. */
const LISTED = 4;

/** Values longer than this are cut, in characters. */
const LONG = 40;

/** So many files are named. */
const FILES = 3;

/** Names of backends as their makers write them. */
const BACKENDS: Record<string, string> = {
  tensorflow: "TensorFlow",
  wasm: "WebAssembly",
  webgpu: "WebGPU",
};

/** Tells what differs, e.g. `params.scale 4 → 8; code: models/sr/edsr.ts changed`; empty if nothing. */
export function describeDifference(
  before: KeyMaterial,
  now: KeyMaterial,
  names: Names = {},
): string {
  const found = findDifferences(before, now, names).map(tellDifference);
  const rest = found.length - LISTED;
  if (rest <= 1) return found.join("; ");
  return `${found.slice(0, LISTED).join("; ")}; and ${rest} more`;
}

/** Tells one difference in a few words. */
export function tellDifference(difference: Difference): string {
  switch (difference.kind) {
    case "format":
      return "the store's format is new";
    case "stage":
      return `uses ${difference.before} → ${difference.now}`;
    case "version":
      return `stage version ${difference.before} → ${difference.now}`;
    case "param":
      return tellParam(difference);
    case "module":
      return `code: ${difference.name} ${difference.change}`;
    case "package":
      return tellPackage(difference);
    case "input":
      return tellInput(difference);
    case "runtime":
      return tellRuntime(difference);
  }
}

function tellParam({ name, before, now, path, files }: Difference & { kind: "param" }): string {
  if (path !== undefined && before !== undefined) {
    const what = files === undefined ? "" : describeFiles(files);
    return `params.${name}: ${path}${what === "" ? " changed" : `: ${what}`}`;
  }
  if (before === undefined) return `params.${name} = ${show(path ?? now)} is new`;
  return now === undefined ? `no params.${name}` : `params.${name} ${show(before)} → ${show(now)}`;
}

function tellPackage({ name, before, now }: Difference & { kind: "package" }): string {
  if (before === undefined) return `package ${name} ${now} added`;
  if (now === undefined) return `package ${name} ${before} removed`;
  if (before === now) return `package ${name} ${now}, or one that it needs, changed`;
  return `package ${name} ${before} → ${now}`;
}

function tellInput({ name, of, producer, change, files }: Difference & { kind: "input" }): string {
  const input = `input ${name}${of === undefined ? "" : `: ${of}`}`;
  const gone = of === undefined ? `no ${input}` : `${input} is gone`;
  if (change !== "changed") return change === "added" ? `${input} is new` : gone;
  const from = producer === undefined ? "" : ` (from ${producer})`;
  const what = files === undefined ? "" : describeFiles(files);
  if (what === "") return `${input} changed${from}`;
  return of === undefined ? `${input}${from}: ${what}` : `input ${name}, ${of}: ${what}`;
}

function tellRuntime({ name, before, now }: Difference & { kind: "runtime" }): string {
  if (name !== "backend") return `${name} ${before ?? "none"} → ${now ?? "none"}`;
  const [old, current] = [before, now].map((backend) => backend?.split(" "));
  const [oldName, newName] = [old, current].map((parts) => nameOf(parts?.[0]));
  if (oldName === newName) return `${newName} ${old?.[1]} → ${current?.[1]}`;
  return `${[oldName, old?.[1]].join(" ").trim()} → ${[newName, current?.[1]].join(" ").trim()}`;
}

function nameOf(backend: string | undefined): string {
  return backend === undefined ? "no backend" : BACKENDS[backend] ?? backend;
}

/** E.g. `3 images changed, 1 added (a.jpg, b.jpg, c.jpg, …)`; empty if no file differs. */
export function describeFiles({ changed, added, removed }: TreeChanges): string {
  const paths = [...changed, ...added, ...removed];
  const noun = paths.every((path) => IMAGE.test(path)) ? "image" : "file";
  const parts = [[changed, "changed"], [added, "added"], [removed, "removed"]] as const;
  const said = parts.filter(([paths]) => paths.length > 0).map(([{ length }, what], i) =>
    `${i === 0 ? count(length, noun) : length} ${what}`
  );
  if (said.length === 0) return "";
  const named = [...paths.slice(0, FILES), ...(paths.length > FILES ? ["…"] : [])];
  return `${said.join(", ")} (${named.join(", ")})`;
}

const IMAGE = /\.(png|jpe?g|gif|bmp|tiff?|webp)$/i;

function show(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}
