/**
 * What differs between the keys of two results, field by field.
 *
 * @module
 */
import { type TreeChanges, treeChanges } from "../store/tree_changes.ts";
import type { Tree } from "../store/tree.ts";
import type { KeyMaterial } from "./record.ts";

/** What became of something that has no value to show. */
export type Change = "added" | "changed" | "removed";

/** One field in which two keys differ. A side that does not have it lacks `before` or `now`. */
export type Difference =
  /** The store's format. */
  | { kind: "format"; before: number; now: number }
  /** Which stage it is. */
  | { kind: "stage"; before: string; now: string }
  /** The version that the stage declares. */
  | { kind: "version"; before: number; now: number }
  /** `path`: what lies there has changed; then the values are digests, and `files` differ. */
  | {
    kind: "param";
    name: string;
    before?: unknown;
    now?: unknown;
    path?: string;
    files?: TreeChanges;
  }
  | { kind: "module"; name: string; change: Change }
  /** Versions; several are joined by "and". Equal ones: a package that it needs has changed. */
  | { kind: "package"; name: string; before?: string; now?: string }
  /**
   * `of`: which of an input of many. `producer`: the stage it comes from now. Values are digests, and
   * `files` is what differs between them.
   */
  | {
    kind: "input";
    name: string;
    of?: string;
    producer?: string;
    change: Change;
    before?: string;
    now?: string;
    files?: TreeChanges;
  }
  /** `backend` (with its version) or e.g. `threads`. */
  | { kind: "runtime"; name: string; before?: string; now?: string };

/** What helps to name and to look into the differences. */
export interface Names {
  /** Parameters that hold digests of outside paths: `source.path` → the path as it is now. */
  externals?: ReadonlyMap<string, string>;
  /** Input → ids of the stages it comes from now. */
  producers?: Readonly<Record<string, string[]>>;
  /** The folder with a digest, if it is known. */
  readTree?: (digest: string) => Tree | undefined;
}

/** Lists what differs; empty if nothing. */
export function findDifferences(
  before: KeyMaterial,
  now: KeyMaterial,
  names: Names = {},
): Difference[] {
  return [
    ...stageDifferences(before, now),
    ...paramDifferences(before.params, now.params, names),
    ...codeDifferences(before.code, now.code),
    ...inputDifferences(before.inputs, now.inputs, names),
    ...runtimeDifferences(before.runtime, now.runtime),
  ];
}

function stageDifferences(before: KeyMaterial, now: KeyMaterial): Difference[] {
  if (before.format !== now.format) {
    return [{ kind: "format", before: before.format, now: now.format }];
  }
  const [old, current] = [before.stage, now.stage];
  if (old.name !== current.name) return [{ kind: "stage", before: old.name, now: current.name }];
  if (old.version === current.version) return [];
  return [{ kind: "version", before: old.version, now: current.version }];
}

/** Lists the params that differ, by dotted names. */
export function paramDifferences(
  before: Record<string, unknown>,
  now: Record<string, unknown>,
  { externals, readTree }: Pick<Names, "externals" | "readTree"> = {},
): (Difference & { kind: "param" })[] {
  const [old, current] = [flatten(before), flatten(now)];
  return changedKeys(old, current).map((name) => {
    const path = externals?.get(name);
    return {
      kind: "param",
      name,
      ...sides(old[name], current[name]),
      ...(path === undefined ? {} : { path, ...filesBetween(old[name], current[name], readTree) }),
    };
  });
}

/** Nested values by dotted names; lists stay whole, for `[1,2] → [1,3]` reads better. */
export function flatten(value: Record<string, unknown>, prefix = ""): Record<string, unknown> {
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

function codeDifferences(
  before: Record<string, string>,
  now: Record<string, string>,
): Difference[] {
  const names = changedKeys(before, now);
  const packages = names.filter((name) => name.startsWith("npm:"));
  const modules = names.filter((name) => !name.startsWith("npm:")).map((name): Difference => ({
    kind: "module",
    name,
    change: changeOf(before[name], now[name]),
  }));
  return [...modules, ...packageDifferences(packages, before, now)];
}

function packageDifferences(
  ids: string[],
  before: Record<string, string>,
  now: Record<string, string>,
): Difference[] {
  const byName = Map.groupBy(ids, (id) => splitPackage(id).name);
  return [...byName].map(([name, ids]) => {
    const versions = (code: Record<string, string>) => {
      const there = ids.filter((id) => id in code).map((id) => splitPackage(id).version);
      return there.length === 0 ? undefined : there.join(" and ");
    };
    return { kind: "package", name, ...sides(versions(before), versions(now)) };
  });
}

/** `npm:@a/b@1.2.3_peer@4.5.6` → `@a/b`, `1.2.3`. */
export function splitPackage(id: string): { name: string; version: string } {
  const start = "npm:".length;
  const at = id.indexOf("@", start + 1);
  const [version] = id.slice(at + 1).split("_");
  return { name: id.slice(start, at), version };
}

function inputDifferences(
  before: KeyMaterial["inputs"],
  now: KeyMaterial["inputs"],
  { producers = {}, readTree }: Names,
): Difference[] {
  const compare = (old: string | undefined, current: string | undefined) => {
    const files = filesBetween(old, current, readTree);
    return { change: changeOf(old, current), ...sides(old, current), ...files };
  };
  return changedKeys(before, now).flatMap((name): Difference[] => {
    const [old, current] = [before[name], now[name]];
    if (typeof old === "object" && typeof current === "object") {
      return changedKeys(old, current).map((of) => ({
        kind: "input",
        name,
        of,
        ...compare(old[of], current[of]),
      }));
    }
    if (typeof old === "object" || typeof current === "object") {
      return [{ kind: "input", name, change: changeOf(old, current) }];
    }
    const [producer] = producers[name] ?? [];
    const from = producer === undefined || current === undefined ? {} : { producer };
    return [{ kind: "input", name, ...from, ...compare(old, current) }];
  });
}

/** Compares two folders by their digests, if both are known. */
function filesBetween(
  before: unknown,
  now: unknown,
  readTree: Names["readTree"],
): { files?: TreeChanges } {
  const [was, is] = [before, now].map((digest) =>
    typeof digest === "string" ? readTree?.(digest) : undefined
  );
  return was && is ? { files: treeChanges(was, is) } : {};
}

function runtimeDifferences(
  before: Record<string, string>,
  now: Record<string, string>,
): Difference[] {
  const [old, current] = [withBackend(before), withBackend(now)];
  // The backend first: it is what the rest depends on.
  const names = changedKeys(old, current).sort((a, b) =>
    Number(b === "backend") - Number(a === "backend")
  );
  return names.map((name) => ({ kind: "runtime", name, ...sides(old[name], current[name]) }));
}

/** A version means nothing without its backend: `tensorflow 2.21.0`. */
function withBackend({ backend, version, ...rest }: Record<string, string>) {
  return backend === undefined ? rest : { backend: `${backend} ${version}`, ...rest };
}

function changeOf(before: unknown, now: unknown): Change {
  return before === undefined ? "added" : now === undefined ? "removed" : "changed";
}

/** What is there of two values. */
function sides<T>(before: T | undefined, now: T | undefined): { before?: T; now?: T } {
  return { ...(before !== undefined && { before }), ...(now !== undefined && { now }) };
}

/** Names whose values differ, or that only one has, sorted. */
function changedKeys(before: Record<string, unknown>, now: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].sort().filter((name) =>
    JSON.stringify(before[name]) !== JSON.stringify(now[name])
  );
}
