/**
 * Why something could not be written, in words.
 *
 * @module
 */
import { freeSpace, hasCode } from "../store/files.ts";

/** @param folder where it was to be @returns undefined if the disk is not to blame */
export function whyUnwritable(error: unknown, folder: string): string | undefined {
  if (hasCode(error, "ENOSPC", "EDQUOT")) return `the disk is full (${freeSpace(folder)})`;
  if (hasCode(error, "EFBIG")) return "the system allows no larger file (ulimit -f)";
  if (hasCode(error, "EROFS")) return "the filesystem is read-only";
  if (hasCode(error, "EACCES", "EPERM")) return "permission denied";
  if (hasCode(error, "ENOTDIR", "EEXIST")) return "a file is where a folder should be";
  if (hasCode(error, "ENOENT")) return "there is no such folder";
  if (hasCode(error, "ENAMETOOLONG")) return "a name is too long";
  if (hasCode(error, "EISDIR")) return "a folder is there";
  return undefined;
}
