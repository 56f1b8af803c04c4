/**
 * Whether containers will find what they need, under the same paths as here.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";

/** Something that a job needs. */
export interface Needed {
  /** E.g. `the store`. */
  what: string;
  /** Absolute. */
  path: string;
}

/** Whether a path is on one of the volumes. */
export function isOnVolume(path: string, volumes: { path: string }[]): boolean {
  return volumes.some((volume) => {
    const folder = volume.path.replace(/\/+$/, "");
    return path === folder || path.startsWith(`${folder}/`);
  });
}

/**
 * Checks all.
 *
 * @param where the list of volumes, as a person finds it
 * @throws {UserError} naming what containers would not find
 */
export function expectOnVolumes(
  needed: Needed[],
  volumes: { path: string }[],
  where: string,
): void {
  const missing = needed.filter(({ path }) => !isOnVolume(path, volumes));
  if (missing.length === 0) return;
  const lines = new Set(missing.map(({ what, path }) => `${what}: ${path}`));
  throw new UserError({
    message: `jobs would not find what is on none of the volumes of ${where}`,
    notes: [
      ...lines,
      `volumes: ${volumes.map(({ path }) => path).join(", ")}`,
      "jobs need these under the same paths: add a volume, or move them to one",
    ],
  });
}
