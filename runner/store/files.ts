/**
 * File operations that a crash cannot leave half done, and what to tell a person when they fail.
 *
 * @module
 */
import { statfsSync } from "node:fs";
import { constants } from "node:os";
import { UserError } from "../diagnostic.ts";

/**
 * Modification time of everything that is stored, in seconds. A program that writes to a stored file
 * leaves another time behind, so tampering costs one stat to notice; and no stage can make its
 * result depend on when its input was made.
 */
export const STORED_TIME = 1_000_000_000;

const ERRNO: Record<string, number | undefined> = constants.errno;

/** Errors of a disk that takes nothing, now or ever: full, at a limit, or not ours to write to. */
const UNWRITABLE = ["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM"];

/** Whether a step failed because nothing can be written. */
export function isUnwritable(error: unknown): boolean {
  return hasCode(error, ...UNWRITABLE);
}

/** Above this many files one flush of the whole filesystem is quicker than one for each. */
const FLUSH_TOGETHER = 64;

/** Returns whether the error is one of these, e.g. `ENOENT`. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string") return codes.includes(error.code);
  // Deno has no name for some of the system's errors, e.g. EFBIG, and gives their number.
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return number !== undefined && codes.some((code) => ERRNO[code] === Number(number));
}

/** Writes files of a folder tree under temporary names, then moves them where they belong. */
export class AtomicFiles {
  #count = 0;

  /** @param temporary a folder of this process alone, on the filesystem of what is written */
  constructor(readonly temporary: string) {}

  /** A new name below the temporary folder, which is made if need be. */
  newName(): string {
    // Each time: on a store of several machines another may take this one for dead after days.
    Deno.mkdirSync(this.temporary, { recursive: true });
    return `${this.temporary}/${this.#count++}`;
  }

  /** Writes a text whole or not at all, also if the power fails. Replaces what is there. */
  write(path: string, text: string, options: { mode?: number } = {}): void {
    this.writePieces(path, [text], options);
  }

  /** The same for a text that comes in pieces, at least one, and need never be whole. */
  writePieces(
    path: string,
    pieces: Iterable<string>,
    { mode = 0o644 }: { mode?: number } = {},
  ): void {
    const temporary = this.newName();
    try {
      const encoder = new TextEncoder();
      // Who may not write to it could not append either, so that comes last.
      const writable = mode | 0o200;
      let options: Deno.WriteFileOptions = { mode: writable, createNew: true };
      for (const piece of pieces) {
        Deno.writeFileSync(temporary, encoder.encode(piece), options);
        options = { append: true };
      }
      if (mode !== writable) Deno.chmodSync(temporary, mode);
      flushFile(temporary);
      moveInto(temporary, path);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
    flushFolder(parent(path));
  }

  /** Writes a file that can be made again (a cache): replaced at once, but not flushed. */
  writeCache(path: string, data: string | Uint8Array): void {
    const temporary = this.newName();
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    Deno.writeFileSync(temporary, bytes, { createNew: true });
    moveInto(temporary, path);
  }

  /** Copies a file to a temporary name. @returns the name */
  copy(source: string): string {
    const temporary = this.newName();
    Deno.copyFileSync(source, temporary);
    return temporary;
  }
}

/** Moves a file, making the folder it goes to if need be. Both are on one filesystem. */
export function moveInto(source: string, path: string): void {
  try {
    Deno.renameSync(source, path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    Deno.mkdirSync(parent(path), { recursive: true });
    Deno.renameSync(source, path);
  }
}

/** Makes a file read-only and gives it the time of stored files. */
export function seal(path: string, { executable = false }: { executable?: boolean } = {}): void {
  Deno.chmodSync(path, executable ? 0o555 : 0o444);
  Deno.utimeSync(path, STORED_TIME, STORED_TIME);
}

/** Waits until files, and their names in `folder`, are on the disk. */
export function flush(
  files: Iterable<string>,
  folders: Iterable<string>,
  filesystem: string,
): void {
  if (areMany(files) || areMany(folders)) {
    if (flushFilesystem(filesystem)) return;
  }
  for (const file of files) flushFile(file);
  for (const folder of folders) flushFolder(folder);
}

function areMany(paths: Iterable<string>): boolean {
  let count = 0;
  for (const _ of paths) if (++count > FLUSH_TOGETHER) return true;
  return false;
}

function flushFilesystem(path: string): boolean {
  try {
    return new Deno.Command("sync", { args: ["-f", path] }).outputSync().success;
  } catch (error) {
    // Not every system has the command, and not every runner may start it.
    if (hasCode(error, "ENOENT", "EACCES") || error instanceof Deno.errors.NotCapable) return false;
    throw error;
  }
}

function flushFile(path: string): void {
  using file = Deno.openSync(path);
  file.syncSync();
}

function flushFolder(path: string): void {
  if (Deno.build.os === "windows") return; // has no such thing
  flushFile(path);
}

/** The folder a path lies in. */
export function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Stats without following links. @returns undefined if nothing is there */
export function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Stats what a path leads to. @returns undefined if nothing is there */
export function followIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Reads a text. @returns undefined if no file is there */
export function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
    throw error;
  }
}

/** Names in a folder, sorted; none if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

/** Removes a file or a folder with all that is in it. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

/**
 * Runs a step of the store's work; what the person can mend becomes a {@link UserError} that says
 * how, everything else passes.
 */
export function explained<T>(folder: string, doing: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw explain(folder, doing, error);
  }
}

/** Returns what to tell the person, or the error itself if it is not theirs to mend. */
export function explain(folder: string, doing: string, error: unknown): unknown {
  const elsewhere = "or choose another store with --store FOLDER";
  const say = (problem: string, ...notes: string[]) =>
    new UserError({ message: `Cannot ${doing} ${folder}: ${problem}`, notes }, { cause: error });
  if (hasCode(error, "ENOSPC", "EDQUOT")) {
    return say(`the disk is full (${freeSpace(folder)})`, `Make room, ${elsewhere}`);
  }
  if (hasCode(error, "EFBIG")) {
    return say("the system allows no larger file", `Raise the limit (ulimit -f), ${elsewhere}`);
  }
  if (hasCode(error, "EROFS")) {
    return say("the filesystem is read-only", `Remount it, ${elsewhere}`);
  }
  if (hasCode(error, "EACCES", "EPERM")) {
    return say("permission denied", `Make it readable and writable for you, ${elsewhere}`);
  }
  if (hasCode(error, "ENOTDIR", "EEXIST")) {
    return say("a file is where a folder should be", `Remove the file, ${elsewhere}`);
  }
  if (error instanceof Deno.errors.NotCapable) {
    return say("Deno does not let this program in", `Choose another store with --store FOLDER`);
  }
  if (hasCode(error, "EIO")) {
    return say("the disk reports an error", `Check the disk, ${elsewhere}`);
  }
  return error;
}

/** What is free where a folder is, or would be, e.g. `1.5 GiB free`. */
export function freeSpace(folder: string): string {
  for (let path = folder;; path = parent(path)) {
    try {
      const { bavail, bsize } = statfsSync(path);
      const mebibytes = bavail * bsize / 2 ** 20;
      return mebibytes < 1024
        ? `${mebibytes.toFixed(1)} MiB free`
        : `${(mebibytes / 1024).toFixed(1)} GiB free`;
    } catch (error) {
      if (!hasCode(error, "ENOENT", "ENOTDIR") || path === "/") return "free space unknown";
    }
  }
}
