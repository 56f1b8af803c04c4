/**
 * Reads a tar file that nobody vouches for: plain files under plain names, each once, and nothing
 * that claims to be larger than the archive. What the names mean, the caller judges.
 *
 * @module
 */
import { extract, type Header } from "tar-stream";
import { drained } from "../../common/drained.ts";
import { UserError } from "../diagnostic.ts";
import { hasCode } from "../store/files.ts";
import { formatBytes } from "../ui/format.ts";

/** One file of an archive, to be read before the next is asked for. */
export interface ArchiveEntry {
  name: string;
  /** Bytes, as the archive says; so many come. */
  size: number;
  pieces: AsyncIterable<Uint8Array>;
}

/** How it is read. */
export interface ReadOptions {
  signal: AbortSignal;
  /** Hears how many bytes of the archive are read, of how many. */
  onProgress: (done: number, total: number) => void;
}

/** Read this much at once, in bytes. */
const CHUNK = 1 << 20;

type Extract = ReturnType<typeof extract>;

/** What is wrong with an archive, told in one way. @param problem fits behind a colon */
export function badArchive(path: string, problem: string, options?: ErrorOptions): UserError {
  return new UserError({
    message: `Cannot import ${path}: ${problem}`,
    notes: ["Nothing of it was kept"],
  }, options);
}

/**
 * Gives the entries one by one.
 *
 * @throws {UserError} that names the archive and the entry
 */
export async function* readArchive(
  path: string,
  options: ReadOptions,
): AsyncGenerator<ArchiveEntry> {
  using file = await open(path);
  const { size } = await file.stat();
  const tar = extract();
  // What reads an entry only hears that the stream is gone; why is said here.
  let cause: unknown;
  tar.on("error", (error) => cause ??= error);
  const feeding = feed(file, size, tar, options).catch((error) => {
    cause ??= error;
    tar.destroy(error);
  });
  const seen = new Set<string>();
  /** What to tell of an error, wherever it is met first. */
  const told = (error: unknown) => {
    options.signal.throwIfAborted();
    return explained(path, error instanceof UserError ? error : cause ?? error, seen.size > 0);
  };
  try {
    for await (const entry of tar) {
      const { header } = entry;
      const problem = wrongIn(header, size, seen);
      if (problem !== undefined) throw badArchive(path, problem);
      seen.add(header.name);
      yield { name: header.name, size: header.size ?? 0, pieces: bytesOf(entry, told) };
      entry.resume(); // what was not read is skipped
    }
  } catch (error) {
    throw told(error);
  } finally {
    tar.destroy();
    await feeding;
  }
}

async function open(path: string): Promise<Deno.FsFile> {
  try {
    const { isFile } = await Deno.stat(path);
    if (!isFile) throw badArchive(path, "it is no file");
    return await Deno.open(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) {
      throw badArchive(path, "there is no such file", { cause: error });
    }
    if (hasCode(error, "EACCES", "EPERM")) {
      throw badArchive(path, "permission denied", { cause: error });
    }
    throw error;
  }
}

function wrongIn(
  { name, type, size = 0 }: Header,
  whole: number,
  seen: ReadonlySet<string>,
): string | undefined {
  if (type !== "file") return `its entry "${name}" is a ${type ?? "thing of unknown kind"}`;
  if (seen.has(name)) return `its entry "${name}" is there twice`;
  if (size <= whole) return undefined;
  return `its entry "${name}" claims ${formatBytes(size)}, but all of it is ${formatBytes(whole)}`;
}

/** Sends the archive's bytes into the reader, no faster than they are taken. */
async function feed(
  file: Deno.FsFile,
  size: number,
  tar: Extract,
  { signal, onProgress }: ReadOptions,
): Promise<void> {
  for (let done = 0;;) {
    signal.throwIfAborted();
    const buffer = new Uint8Array(CHUNK);
    const length = await file.read(buffer);
    if (tar.destroyed) return;
    if (length === null) break;
    onProgress(done += length, size);
    if (!tar.write(buffer.subarray(0, length))) await drained(tar);
  }
  tar.end(null);
}

async function* bytesOf(
  entry: AsyncIterable<unknown>,
  told: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of entry) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError("Cannot read what is no bytes");
      yield chunk;
    }
  } catch (error) {
    throw told(error);
  }
}

/** @param isTar whether a file was found in it */
function explained(path: string, error: unknown, isTar: boolean): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const isShort = /unexpected end of data/i.test(error.message);
  if (isShort && isTar) {
    return badArchive(path, "it ends in the middle of a file; it was not copied to its end", {
      cause: error,
    });
  }
  if (isShort || /invalid tar header|invalid header|header exceeds/i.test(error.message)) {
    return badArchive(path, "it is no tar file, or damaged; if it is compressed, unpack it first", {
      cause: error,
    });
  }
  return error;
}
