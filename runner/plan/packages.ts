/**
 * Digests of npm packages as the lock file pins them.
 *
 * @module
 */
import { digestValue } from "../store/digest.ts";

/** The part of `deno.lock` (version 5) that is read here. */
export interface LockFile {
  npm?: Record<string, { integrity?: string }>;
}

/** Package id, e.g. `zod@4.6.7` → ids of what it depends on. */
export type PackageGraph = Record<string, { dependencies: string[] }>;

/**
 * Digest of a package and of all it depends on, for every platform: names, versions, integrity.
 *
 * @param id as in the lock file, e.g. `zod@4.6.7`
 */
export function digestPackage(id: string, graph: PackageGraph, lock: LockFile): string {
  const seen = new Set<string>();
  const visit = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    graph[id]?.dependencies.forEach(visit);
  };
  visit(id);
  // Without a lock entry the version is all there is to go by.
  return digestValue([...seen].sort().map((id) => [id, lock.npm?.[id]?.integrity ?? "unlocked"]));
}
