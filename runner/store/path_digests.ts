/**
 * Digests of files and folders outside the store; unchanged ones cost a stat each.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { digestBytes, digestFile } from "./digest.ts";
import { type AtomicFiles, hasCode, isUnwritable, readIfThere } from "./files.ts";
import { sealed, unsealed } from "./sealed.ts";
import { encodeTree, type TreeFile } from "./tree.ts";

/**
 * A file changed less than this before it was hashed may change again without its time showing it,
 * in milliseconds: clocks of filesystems tick as slowly as every two seconds.
 */
export const CLOCK_GRAIN = 2000;

/** What is remembered of a folder, file by file in the order in which the system lists them. */
interface Known {
  /** Digest of the folder, if it was this and nothing else. */
  root: string;
  /** Below the folder. */
  paths: string[];
  /** What a stat said of each; empty if that was too fresh to vouch for the content. */
  stats: string[];
  /** Digest of each at that time. */
  digests: string[];
  emptyFolders: string[];
}

const NOTHING: Known = { root: "", paths: [], stats: [], digests: [], emptyFolders: [] };

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

/** Takes a folder's tree as text, which is made on demand: for comparing later. */
export type KeepListing = (digest: string, text: () => string) => void;

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
  const cacheFile = `${cache}/${digestBytes(path)}.json`;
  const before = readKnown(cacheFile);
  const { found, sizes, isNew } = readable(path, () => readFolder(path, before, now));
  const listing = () => {
    const entries = found.paths.map((each, i): TreeFile => ({
      path: each,
      digest: found.digests[i],
      size: sizes[i],
    }));
    return encodeTree(entries, found.emptyFolders);
  };
  if (!isNew) {
    keepListing(before.root, listing);
    return before.root;
  }
  const text = listing();
  found.root = digestBytes(text);
  keepListing(found.root, () => text);
  if (files) saveKnown(cacheFile, found, files);
  return found.root;
}

/** @returns what is there, the size of each file, and whether anything is not as it was before */
function readFolder(
  path: string,
  before: Known,
  now: number,
): { found: Known; sizes: number[]; isNew: boolean } {
  const found: Known = { root: "", paths: [], stats: [], digests: [], emptyFolders: [] };
  const sizes: number[] = [];
  const recall = recaller(before);
  let isNew = before.root === "";

  const add = (below: string, info: Deno.FileInfo) => {
    const stat = statLine(info);
    let digest = recall(below, stat);
    if (digest === undefined) {
      isNew = true;
      ({ digest } = digestFile(`${path}/${below}`));
    }
    found.paths.push(below);
    found.stats.push(isSettled(info, now) ? stat : "");
    found.digests.push(digest);
    sizes.push(info.size);
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
  isNew ||= found.paths.length !== before.paths.length ||
    [...found.emptyFolders].sort().join("\0") !== [...before.emptyFolders].sort().join("\0");
  return { found, sizes, isNew };
}

/** Finds what is known of files that are asked for in about the order in which they are known. */
function recaller(
  { paths, stats, digests }: Known,
): (path: string, stat: string) => string | undefined {
  let next = 0;
  let places: Map<string, number> | undefined;
  return (path, stat) => {
    if (paths[next] !== path) {
      places ??= new Map(paths.map((each, i) => [each, i]));
      const place = places.get(path);
      if (place === undefined) return undefined;
      next = place;
    }
    const i = next++;
    return stats[i] === stat ? digests[i] : undefined;
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

function readKnown(cacheFile: string): Known {
  const text = unsealed(readIfThere(cacheFile)); // a damaged cache is no cache
  if (text === undefined) return NOTHING;
  const known: Partial<Known> = JSON.parse(text);
  return { ...NOTHING, ...known };
}

function saveKnown(cacheFile: string, known: Known, files: AtomicFiles): void {
  try {
    files.writeCache(cacheFile, sealed(JSON.stringify(known)));
  } catch (error) {
    // It only saves time: a run that can go on without it does.
    if (!isUnwritable(error)) throw error;
  }
}
