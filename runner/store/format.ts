/**
 * Whether a folder is a store that this program understands.
 *
 * @module
 */
import { accessSync, constants } from "node:fs";
import { UserError } from "../diagnostic.ts";
import { type AtomicFiles, followIfThere, hasCode, readIfThere } from "./files.ts";

/** Text of `store.json`. Another number: another layout, which this program does not read. */
const FORMAT = `{"format":1}\n`;

/** Only a program with every permission may look into these, and no stage is one. */
const CLOSED = Deno.build.os === "linux" ? ["/dev/", "/proc/", "/sys/"] : [];

/**
 * Finds, or with `write` makes, the folder of a store.
 *
 * @returns its real path (Deno judges permissions by these), or the path itself if it is not there
 * @throws {UserError} if a file is there, or no stage could read it
 */
export function storeFolder(path: string, { write }: { write: boolean }): string {
  if (followIfThere(path)?.isFile) {
    throw new UserError({
      message: `Cannot open the store ${path}: it is a file`,
      notes: ["Choose a folder with --store FOLDER"],
    });
  }
  if (write) Deno.mkdirSync(`${path}/tmp`, { recursive: true });
  try {
    const real = Deno.realPathSync(path);
    const closed = CLOSED.find((folder) => real.startsWith(folder));
    if (closed === undefined) return real;
    throw new UserError({
      message: `Cannot open the store ${path}: Deno lets no stage into ${closed}`,
      notes: [
        "Choose a folder elsewhere with --store FOLDER; a disk in memory can be mounted anywhere",
      ],
    });
  } catch (error) {
    if (hasCode(error, "ENOENT") && !write) return path;
    throw error;
  }
}

/**
 * Looks whether a folder is a store already.
 *
 * @throws {UserError} if it is one of another format
 */
export function hasFormat(folder: string): boolean {
  const format = readIfThere(`${folder}/store.json`);
  if (format === undefined || format === FORMAT) return format !== undefined;
  throw new UserError({
    message:
      `Cannot open the store ${folder}: store.json says ${format.trim()}, not ${FORMAT.trim()}`,
    notes: ["Another version of this program made it; choose another with --store FOLDER"],
  });
}

/** Whether the system lets this program write to a folder; a full disk counts as one that does. */
export function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    if (hasCode(error, "EROFS", "EACCES", "EPERM")) return false;
    throw error;
  }
}

/** Makes a folder a store. */
export function writeFormat(folder: string, files: AtomicFiles): void {
  files.write(`${folder}/store.json`, FORMAT);
}
