/**
 * What unpacking any archive has in common: nothing lands outside the folder, nothing grows without
 * end.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";

/** Limits, and whom to tell. */
export interface UnpackOptions {
  /** Only entries whose path in the archive passes. */
  include?: (path: string) => boolean;
  /** Most bytes to write, 64 GiB unless said. */
  maxBytes?: number;
  /** Most entries to look at, one million unless said. */
  maxEntries?: number;
  signal?: AbortSignal;
  /** Bytes of the archive that have been read, and how many there are. */
  onProgress?: (done: number, total: number) => void;
}

/** Counts what comes out of an archive and judges its paths. */
export interface Guard {
  /**
   * Admits the next entry.
   *
   * @returns its path inside the folder, undefined if it is not wanted
   * @throws {InputError} if it would land outside, or is one too many
   */
  enter(name: string): string | undefined;
  /** Admits so many bytes. @throws {InputError} if they are too many */
  take(bytes: number): void;
  /** @throws {InputError} that names the archive */
  fail(reason: string): never;
}

/** A guard for one archive. */
export function guard(archive: string, options: UnpackOptions): Guard {
  const { include = () => true, maxBytes = 2 ** 36, maxEntries = 1_000_000, signal } = options;
  const fail = (reason: string): never => {
    throw new InputError(`Cannot unpack ${archive}: ${reason}`);
  };
  let entries = 0;
  let bytes = 0;
  return {
    enter(name) {
      signal?.throwIfAborted();
      const path = safePath(name) ?? fail(`the entry "${name}" would land outside the folder`);
      if (++entries > maxEntries) fail(`it has more than ${maxEntries} entries`);
      return path !== "" && include(path) ? path : undefined;
    },
    take(more) {
      bytes += more;
      if (bytes > maxBytes) fail(`it holds more than ${maxBytes} bytes`);
    },
    fail,
  };
}

/** The path inside the folder, "" for the folder itself; undefined if it leads out of it. */
function safePath(name: string): string | undefined {
  if (/^[/\\]|^[a-z]:|\0/i.test(name)) return undefined;
  return inside(name.split(/[/\\]/));
}

/** The path that these steps lead to, from the folder; undefined if they lead out of it. */
export function inside(segments: string[]): string | undefined {
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "..") {
      if (kept.pop() === undefined) return undefined;
    } else if (segment !== "" && segment !== ".") {
      kept.push(segment);
    }
  }
  return kept.join("/");
}

/** Writes a file of the folder, and the folders it lies in. */
export async function writeEntry(
  folder: string,
  path: string,
  content: AsyncIterable<unknown>,
): Promise<void> {
  await makeParent(folder, path);
  using file = await Deno.open(`${folder}/${path}`, { write: true, create: true, truncate: true });
  for await (const chunk of content) {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(`Cannot write ${typeof chunk} to ${path}`);
    }
    for (let from = 0; from < chunk.length;) from += await file.write(chunk.subarray(from));
  }
}

/** Makes the folders that a file will lie in. */
export async function makeParent(folder: string, path: string): Promise<void> {
  await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
}

/**
 * Errors of archives and of the disk in words that help.
 *
 * @param isDamage whether it is the archive's content that is at fault
 */
export function explained(
  error: unknown,
  archive: string,
  isDamage: (error: Error) => boolean,
): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  if (error.message.includes("os error 28")) {
    return new InputError(
      `Cannot unpack ${archive}: the disk is full; free some space and run again`,
      { cause: error },
    );
  }
  if (!isDamage(error)) return error;
  return new InputError(`Cannot unpack ${archive}: it is damaged (${error.message})`, {
    cause: error,
  });
}
