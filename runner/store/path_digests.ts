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

/** Path below the root → what a stat said, and the digest at that time. */
type Known = Record<string, [stat: string, digest: string]>;

/** What of a stat changes when a file does. */
export function statLine(info: Deno.FileInfo): string {
  return [info.size, info.mtime?.getTime(), info.ctime?.getTime(), info.ino, info.dev].join(" ");
}

/** Whether a file has been left alone long enough for {@link statLine} to vouch for it. */
export function isSettled(info: Deno.FileInfo, now: number): boolean {
  const changed = Math.max(info.mtime?.getTime() ?? now, info.ctime?.getTime() ?? now);
  return changed < now - CLOCK_GRAIN;
}

/**
 * Digest of a file's content, or of a folder's tree. Links are followed: what a stage would read
 * counts. Permissions do not count, since some filesystems make them up.
 *
 * @param path absolute
 * @param cache folder of what was learnt before
 * @param files to write there what is learnt; undefined to learn nothing
 * @param now time of reading, in milliseconds
 * @param keepListing takes a folder's tree as text, whose digest is the folder's: for comparing later
 * @throws {UserError} if something cannot be read, or is neither file nor folder
 */
export function digestPath(
  path: string,
  cache: string,
  files: AtomicFiles | undefined,
  now: number = Date.now(),
  keepListing: (text: string) => void = () => {},
): string {
  const cacheFile = `${cache}/${digestBytes(path)}.json`;
  const before = readKnown(cacheFile);
  const after: Known = {};
  let changed = false;

  const digestOf = (below: string, info: Deno.FileInfo): string => {
    const stat = statLine(info);
    const known = before[below];
    const fresh = known?.[0] !== stat;
    const digest = fresh ? digestFile(`${path}${below}`).digest : known[1];
    if (fresh) changed = true;
    if (!fresh || isSettled(info, now)) after[below] = [stat, digest];
    return digest;
  };

  const digest = readable(path, () => {
    const info = Deno.statSync(path);
    if (info.isFile) return digestOf("", info);
    const listing = describeFolder(path, info, digestOf);
    keepListing(listing);
    return digestBytes(listing);
  });
  if (files && (changed || Object.keys(after).length < Object.keys(before).length)) {
    saveKnown(cacheFile, after, files);
  }
  return digest;
}

function describeFolder(
  path: string,
  root: Deno.FileInfo,
  digestOf: (below: string, info: Deno.FileInfo) => string,
): string {
  const entries: TreeFile[] = [];
  const emptyFolders: string[] = [];
  const visit = (below: string, above: string[]) => {
    let count = 0;
    for (const { name } of Deno.readDirSync(`${path}${below}`)) {
      count++;
      const child = `${below}/${name}`;
      const info = Deno.statSync(`${path}${child}`);
      const id = `${info.dev}:${info.ino}`;
      if (info.isFile) {
        entries.push({ path: child.slice(1), digest: digestOf(child, info), size: info.size });
      } else if (!info.isDirectory) {
        throw new UserError(`Cannot read ${path}${child}: it is neither a file nor a folder`);
      } else if (above.includes(id)) {
        throw new UserError(`Cannot read ${path}${child}: the link leads back to where it lies`);
      } else visit(child, [...above, id]);
    }
    if (count === 0 && below !== "") emptyFolders.push(below.slice(1));
  };
  visit("", [`${root.dev}:${root.ino}`]);
  return encodeTree(entries, emptyFolders);
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
  return JSON.parse(unsealed(readIfThere(cacheFile)) ?? "{}"); // a damaged cache is no cache
}

function saveKnown(cacheFile: string, known: Known, files: AtomicFiles): void {
  try {
    files.writeCache(cacheFile, sealed(JSON.stringify(known)));
  } catch (error) {
    // It only saves time: a run that can go on without it does.
    if (!isUnwritable(error)) throw error;
  }
}
