/**
 * Digests of files and folders outside the store; unchanged ones cost a stat each.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { digestBytes, digestFile, digestPieces } from "./digest.ts";
import { type AtomicFiles, hasCode, isUnwritable } from "./files.ts";
import {
  emptyMemory,
  encodeMemory,
  type FolderMemory,
  readMemory,
  statNumbers,
} from "./folder_memory.ts";
import { treePieces } from "./tree.ts";

/**
 * A file changed less than this before it was hashed may change again without its time showing it,
 * in milliseconds: clocks of filesystems tick as slowly as every two seconds.
 */
export const CLOCK_GRAIN = 2000;

/** What of a stat changes when a file does. */
export function statLine(info: Deno.FileInfo): string {
  const { size, mtime, ctime, ino, dev } = info;
  return `${size} ${mtime?.getTime()} ${ctime?.getTime()} ${ino} ${dev}`;
}

/** Whether a file has been left alone long enough for {@link statLine} to vouch for it. */
export function isSettled(info: Deno.FileInfo, now: number): boolean {
  const changed = Math.max(info.mtime?.getTime() ?? now, info.ctime?.getTime() ?? now);
  return changed < now - CLOCK_GRAIN;
}

/** Takes a folder's tree as pieces of text, which are made on demand: for comparing later. */
export type KeepListing = (digest: string, pieces: () => Iterable<string>) => void;

/**
 * Digest of a folder's tree. Links are followed: what a stage would read counts. Permissions do not
 * count, since some filesystems make them up.
 *
 * @param path absolute
 * @param cache folder of what was learnt before
 * @param files to write there what is learnt; undefined to learn nothing
 * @param now time of reading, in milliseconds
 * @throws {UserError} if something cannot be read, or is neither file nor folder
 */
export function digestFolder(
  path: string,
  cache: string,
  files: AtomicFiles | undefined,
  now: number = Date.now(),
  keepListing: KeepListing = () => {},
): string {
  const cacheFile = `${cache}/${digestBytes(path)}.files`;
  const before = readMemory(cacheFile);
  const { found, isNew } = readable(path, () => readFolder(path, before, now));
  const pieces = () => treePieces(found.files.sorted(), found.emptyFolders);
  found.root = isNew ? digestPieces(pieces()) : before.root;
  keepListing(found.root, pieces);
  if (isNew && files) remember(cacheFile, found, files);
  return found.root;
}

/** @returns what is there, without its digest, and whether anything is not as it was before */
function readFolder(
  path: string,
  before: FolderMemory,
  now: number,
): { found: FolderMemory; isNew: boolean } {
  const found = emptyMemory(before.files.length);
  const placeOf = placeFinder(before.files.paths);
  let isNew = before.root === "";

  const add = (below: string, info: Deno.FileInfo) => {
    const numbers = statNumbers(info);
    const place = placeOf(below);
    const isKnown = place !== undefined && before.files.hasNumbers(place, numbers);
    isNew ||= !isKnown;
    const digest = isKnown ? before.files.digest(place) : digestFile(`${path}/${below}`).digest;
    if (!isSettled(info, now)) numbers[1] = NaN; // vouches for nothing
    // The text that is known already: then there is one of each.
    found.files.add(place === undefined ? below : before.files.paths[place], digest, numbers);
  };
  const visit = (folder: string, above: string[]) => {
    let count = 0;
    for (const { name } of Deno.readDirSync(`${path}/${folder}`)) {
      count++;
      const below = folder + name;
      const info = Deno.statSync(`${path}/${below}`);
      if (info.isFile) add(below, info);
      else if (!info.isDirectory) {
        throw new UserError(`Cannot read ${path}/${below}: it is neither a file nor a folder`);
      } else {
        const id = `${info.dev}:${info.ino}`;
        if (above.includes(id)) {
          throw new UserError(`Cannot read ${path}/${below}: the link leads back to where it lies`);
        }
        visit(`${below}/`, [...above, id]);
      }
    }
    if (count === 0 && folder !== "") found.emptyFolders.push(folder.slice(0, -1));
  };
  const { dev, ino } = Deno.statSync(path);
  visit("", [`${dev}:${ino}`]);
  isNew ||= found.files.length !== before.files.length ||
    [...found.emptyFolders].sort().join("\0") !== [...before.emptyFolders].sort().join("\0");
  return { found, isNew };
}

/** Finds places of paths that are asked for in about the order in which they stand. */
function placeFinder(paths: string[]): (path: string) => number | undefined {
  let next = 0;
  let places: Map<string, number> | undefined;
  return (path) => {
    if (paths[next] !== path) {
      places ??= new Map(paths.map((each, i) => [each, i]));
      const place = places.get(path);
      if (place === undefined) return undefined;
      next = place;
    }
    return next++;
  };
}

/** Looks at something of the person's. @throws {UserError} if it is not there or may not be read */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      throw new UserError(`Cannot read ${path}: it, or what a link in it points to, is not there`, {
        cause: error,
      });
    }
    if (hasCode(error, "EACCES", "EPERM")) {
      throw new UserError(`Cannot read ${path}: permission denied for it or something in it`, {
        cause: error,
      });
    }
    throw error;
  }
}

function remember(cacheFile: string, found: FolderMemory, files: AtomicFiles): void {
  try {
    files.writeCache(cacheFile, encodeMemory(found));
  } catch (error) {
    // It only saves time: a run that can go on without it does.
    if (!isUnwritable(error)) throw error;
  }
}
