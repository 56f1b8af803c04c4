/**
 * Writes a tar file: the same entries make the same bytes, whoever writes them and when.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { pack } from "tar-stream";
import { UserError } from "../diagnostic.ts";
import { hasCode, parent, removeIfThere } from "../store/files.ts";
import { readPiece, writePiece } from "../store/remote/pieces.ts";
import { whyUnwritable } from "./unwritable.ts";

/** One file of an archive. */
export interface EntryToWrite {
  name: string;
  /** Bytes. */
  size: number;
  /** SHA-256 of the content. */
  digest: string;
  /** The content, or the absolute path of a file that holds it. */
  source: Uint8Array | { path: string };
}

/** How it is written. */
export interface WriteOptions {
  signal: AbortSignal;
  /** Hears how many bytes of the contents are written, of how many. */
  onProgress: (done: number, total: number) => void;
}

type Packer = ReturnType<typeof pack>;

/**
 * Writes an archive under a temporary name beside its own, which it gets when it is whole.
 *
 * @param path absolute; nothing is there yet
 * @returns its size in bytes
 * @throws {UserError} if it cannot be written, or a content is not what its digest says
 */
export async function writeArchive(
  path: string,
  entries: EntryToWrite[],
  options: WriteOptions,
): Promise<number> {
  const partial = `${path}.part`;
  try {
    using file = await Deno.open(partial, { write: true, create: true });
    if (!await tryLock(file)) throw new UserError(`${path} is being written by another export`);
    try {
      await file.truncate();
      const size = await writeEntries(file, entries, options);
      await file.sync();
      await Deno.rename(partial, path);
      return size;
    } catch (error) {
      removeIfThere(partial);
      throw error;
    }
  } catch (error) {
    throw explained(error, path);
  }
}

/** Where files cannot be locked, two exports to one name are believed not to happen. */
async function tryLock(file: Deno.FsFile): Promise<boolean> {
  try {
    return await file.tryLock(true);
  } catch (error) {
    if (hasCode(error, "ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP")) return true;
    throw error;
  }
}

async function writeEntries(
  file: Deno.FsFile,
  entries: EntryToWrite[],
  { signal, onProgress }: WriteOptions,
): Promise<number> {
  const packer = pack();
  packer.on("error", () => {}); // `cause` tells
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  // What goes wrong on one side ends the other; the first error is the one to tell.
  let cause: unknown;
  const end = (error: unknown) => {
    cause ??= error;
    packer.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  const filling = (async () => {
    for (const entry of entries) {
      await fill(packer, entry, (bytes) => {
        signal.throwIfAborted();
        onProgress(done += bytes, total);
      });
    }
    packer.finalize();
  })().catch(end);
  let size = 0;
  try {
    for await (const chunk of packer) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError("Cannot write what is no bytes");
      await writePiece(file, chunk);
      size += chunk.length;
    }
  } catch (error) {
    end(error);
  }
  await filling;
  if (cause !== undefined) throw cause;
  return size;
}

/** Adds one entry. The header says nothing of owner, rights or time: they are nobody's. */
async function fill(
  packer: Packer,
  { name, size, digest, source }: EntryToWrite,
  wrote: (bytes: number) => void,
): Promise<void> {
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  const header = { name, size, mode: 0o644, mtime: new Date(0), type: "file" } as const;
  const sink = packer.entry(header, (error) => error ? reject(error) : resolve());
  finished.catch(() => {}); // told below, if nothing else is
  sink.on("error", () => {});
  const hash = createHash("sha256");
  let length = 0;
  for await (const piece of piecesOf(source, size)) {
    hash.update(piece);
    length += piece.length;
    if (length > size) break;
    if (!sink.write(piece)) await Promise.race([drained(sink), finished]);
    wrote(piece.length);
  }
  if (length !== size || hash.digest("hex") !== digest) throw changed(name, source);
  sink.end(null);
  await finished;
}

async function* piecesOf(
  source: EntryToWrite["source"],
  size: number,
): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) {
    if (source.length > 0) yield source;
    return;
  }
  using file = await openSource(source.path);
  for (let piece = await readPiece(file, size); piece; piece = await readPiece(file, size)) {
    yield piece;
  }
}

async function openSource(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    throw new UserError({
      message: `Cannot read ${path}: it was removed meanwhile`,
      notes: ["Export again"],
    }, { cause: error });
  }
}

function drained(sink: ReturnType<Packer["entry"]>): Promise<void> {
  return new Promise((resolve) => sink.once("drain", () => resolve()));
}

function changed(name: string, source: EntryToWrite["source"]): UserError {
  const what = source instanceof Uint8Array ? name : source.path;
  return new UserError({
    message: `Cannot export ${what}: it does not have the content that its digest says`,
    notes: ["deno task cache verify sets aside what is broken in the store; then export again"],
  });
}

function explained(error: unknown, path: string): unknown {
  const why = error instanceof UserError ? undefined : whyUnwritable(error, parent(path));
  if (why === undefined) return error;
  return new UserError({
    message: `Cannot write ${path}: ${why}`,
    notes: ["Make room, or choose another place with -o FILE"],
  }, { cause: error });
}
