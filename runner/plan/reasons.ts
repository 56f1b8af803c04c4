/**
 * Why a stage would run, in words: what differs between its key and that of an earlier result.
 *
 * @module
 */
import type { KeyMaterial } from "./record.ts";

/** So many differences are listed; the rest is counted. */
const LISTED = 4;

/** Values longer than this are cut, in characters. */
const LONG = 40;

/** What helps to name the differences. */
export interface Names {
  /** Parameters that hold digests of outside paths: `source.path` → the path as it is now. */
  externals?: ReadonlyMap<string, string>;
  /** Input → ids of the stages it comes from now. */
  producers?: Readonly<Record<string, string[]>>;
}

/** Tells what differs, e.g. `params.scale 4 → 8; code: models/sr/edsr.ts changed`; empty if nothing. */
export function describeDifference(
  before: KeyMaterial,
  now: KeyMaterial,
  names: Names = {},
): string {
  const found = [
    ...stageDifferences(before, now),
    ...paramDifferences(before.params, now.params, names),
    ...codeDifferences(before.code, now.code),
    ...inputDifferences(before.inputs, now.inputs, names),
    ...runtimeDifferences(before.runtime, now.runtime),
  ];
  const rest = found.length - LISTED;
  if (rest <= 1) return found.join("; ");
  return `${found.slice(0, LISTED).join("; ")}; and ${rest} more`;
}

function stageDifferences(before: KeyMaterial, now: KeyMaterial): string[] {
  if (before.format !== now.format) return ["the store's format is new"];
  if (before.stage.name !== now.stage.name) {
    return [`uses ${before.stage.name} → ${now.stage.name}`];
  }
  if (before.stage.version === now.stage.version) return [];
  return [`stage version ${before.stage.version} → ${now.stage.version}`];
}

function paramDifferences(
  before: Record<string, unknown>,
  now: Record<string, unknown>,
  { externals }: Names,
): string[] {
  const [old, current] = [flatten(before), flatten(now)];
  return changedKeys(old, current).map((name) => {
    const path = externals?.get(name);
    if (path !== undefined && old[name] !== undefined) return `params.${name}: ${path} changed`;
    const value = show(path ?? current[name]);
    if (!(name in old)) return `params.${name} = ${value} is new`;
    return name in current ? `params.${name} ${show(old[name])} → ${value}` : `no params.${name}`;
  });
}

/** Nested values by dotted names; lists stay whole, for `[1,2] → [1,3]` reads better. */
function flatten(value: Record<string, unknown>, prefix = ""): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    if (isRecord(inner) && Object.keys(inner).length > 0) {
      Object.assign(flat, flatten(inner, `${prefix}${name}.`));
    } else flat[`${prefix}${name}`] = inner;
  }
  return flat;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "nothing";
  return text.length > LONG ? `${text.slice(0, LONG)}…` : text;
}

function codeDifferences(before: Record<string, string>, now: Record<string, string>): string[] {
  const names = changedKeys(before, now);
  const packages = names.filter((name) => name.startsWith("npm:"));
  const modules = names.filter((name) => !name.startsWith("npm:")).map((name) =>
    `code: ${name} ${!(name in before) ? "added" : name in now ? "changed" : "removed"}`
  );
  return [...modules, ...packageDifferences(packages, before, now)];
}

function packageDifferences(
  ids: string[],
  before: Record<string, string>,
  now: Record<string, string>,
): string[] {
  const byName = Map.groupBy(ids, (id) => splitPackage(id).name);
  return [...byName].map(([name, ids]) => {
    const versions = (code: Record<string, string>) =>
      ids.filter((id) => id in code).map((id) => splitPackage(id).version).join(" and ");
    const [old, current] = [versions(before), versions(now)];
    if (old === "") return `code: ${name} ${current} added`;
    if (current === "") return `code: ${name} ${old} removed`;
    if (old === current) return `code: ${name} ${old}, or a package it needs, changed`;
    return `code: ${name} ${old} → ${current}`;
  });
}

/** `npm:@a/b@1.2.3_peer@4.5.6` → `npm:@a/b`, `1.2.3`. */
function splitPackage(id: string): { name: string; version: string } {
  const at = id.indexOf("@", "npm:@".length);
  const [version] = id.slice(at + 1).split("_");
  return { name: id.slice(0, at), version };
}

function inputDifferences(
  before: KeyMaterial["inputs"],
  now: KeyMaterial["inputs"],
  { producers = {} }: Names,
): string[] {
  return changedKeys(before, now).flatMap((name) => {
    const [old, current] = [before[name], now[name]];
    if (old === undefined) return [`input ${name} is new`];
    if (current === undefined) return [`no input ${name}`];
    if (typeof old === "object" && typeof current === "object") {
      return changedKeys(old, current).map((id) =>
        `input ${name}: ${id} ${!(id in old) ? "is new" : id in current ? "changed" : "is gone"}`
      );
    }
    const [producer] = producers[name] ?? [];
    return [`input ${name} changed${producer === undefined ? "" : ` (from ${producer})`}`];
  });
}

function runtimeDifferences(before: Record<string, string>, now: Record<string, string>): string[] {
  const changed = changedKeys(before, now);
  const backend = now.backend ?? before.backend;
  const found: string[] = [];
  if (changed.includes("backend")) {
    const name = (runtime: Record<string, string>) =>
      runtime.backend === undefined ? "no backend" : `${runtime.backend} ${runtime.version}`;
    found.push(`${name(before)} → ${name(now)}`);
  } else if (changed.includes("version")) {
    found.push(`${backend} ${before.version} → ${now.version}`);
  }
  for (const name of changed.filter((name) => name !== "backend" && name !== "version")) {
    found.push(`${name} ${before[name] ?? "none"} → ${now[name] ?? "none"}`);
  }
  return found;
}

/** Names whose values differ, or that only one has, sorted. */
function changedKeys(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].sort().filter((name) =>
    JSON.stringify(before[name]) !== JSON.stringify(now[name])
  );
}
