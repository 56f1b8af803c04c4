/**
 * A remote cache in a folder that several machines see, e.g. on a file server.
 *
 * Nothing is linked or locked, since file servers do that badly: entries are copied under a name
 * that no other process uses, then renamed. What is made has the permissions of the folder itself, so
 * whoever was let in may read all, and write if that was meant.
 *
 * @module
 */
import { hasCode, parent } from "../files.ts";
import { removeLeftovers } from "../leftovers.ts";
import { ownName } from "../owner.ts";
import { readPiece, writePiece } from "./pieces.ts";
import { type Bytes, type Place, RemoteError } from "./place.ts";

/** Entries below a folder. */
export class FolderPlace implements Place {
  readonly #temporary: string;
  #count = 0;
  #ready = false;

  /** @param name absolute path */
  constructor(readonly name: string) {
    this.#temporary = `${name}/tmp/${ownName()}`;
  }

  async look(entry: string): Promise<{ size?: number } | undefined> {
    return await this.#found(async () => {
      const { isFile, size } = await Deno.stat(`${this.name}/${entry}`);
      return isFile ? { size } : undefined;
    });
  }

  async read<T>(
    entry: string,
    take: (bytes: Bytes) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const file = await this.#found(() => Deno.open(`${this.name}/${entry}`));
    if (file === undefined) return undefined;
    using _ = file;
    return await take(pieces(file, signal));
  }

  async write(entry: string, bytes: Bytes, _size: number, signal: AbortSignal): Promise<void> {
    const target = `${this.name}/${entry}`;
    const mode = await this.#prepare();
    const temporary = `${this.#temporary}/${this.#count++}`;
    try {
      const file = await doing(() => Deno.open(temporary, { write: true, createNew: true }));
      {
        using _ = file;
        for await (const piece of bytes) {
          signal.throwIfAborted();
          await doing(() => writePiece(file, piece));
        }
        await doing(() => file.sync());
      }
      await doing(() => Deno.chmod(temporary, mode & 0o444));
      await doing(() => this.#publish(temporary, target, mode));
    } catch (error) {
      await Deno.remove(temporary).catch(() => {}); // the first error is the one to tell
      throw error;
    }
  }

  close(): void {
    try {
      Deno.removeSync(this.#temporary, { recursive: true });
    } catch {
      // Not made, or out of reach: the next one removes it.
    }
  }

  /** Makes the folder for half-written entries. @returns the permissions of the whole folder */
  async #prepare(): Promise<number> {
    return await doing(async () => {
      const mode = (await this.#mode()) & 0o7777;
      if (!this.#ready) {
        await makeFolder(parent(this.#temporary), mode);
        removeOwnLeftovers(parent(this.#temporary));
        await makeFolder(this.#temporary, mode);
        this.#ready = true;
      }
      return mode;
    });
  }

  async #publish(temporary: string, target: string, mode: number): Promise<void> {
    try {
      await Deno.rename(temporary, target);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
      await makeFolder(parent(target), mode);
      await Deno.rename(temporary, target);
    }
  }

  async #mode(): Promise<number> {
    const { mode, isDirectory } = await Deno.stat(this.name);
    if (!isDirectory) throw new RemoteError("it is no folder");
    return mode ?? 0o755;
  }

  /** Undefined if a file is not there, an error if the whole folder is not. */
  async #found<T>(step: () => Promise<T>): Promise<T | undefined> {
    return await doing(async () => {
      try {
        return await step();
      } catch (error) {
        if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
        await this.#mode();
        return undefined;
      }
    });
  }
}

/** Does a step in the folder; errors say what is wrong with it. */
async function doing<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof RemoteError) throw error;
    if (hasCode(error, "ENOENT")) {
      throw new RemoteError("there is no such folder", "broken", { cause: error });
    }
    if (hasCode(error, "EACCES", "EPERM")) {
      throw new RemoteError("permission denied", "refused", { cause: error });
    }
    if (hasCode(error, "EROFS")) {
      throw new RemoteError("it is read-only", "refused", { cause: error });
    }
    if (hasCode(error, "ENOSPC", "EDQUOT")) {
      throw new RemoteError("its disk is full", "refused", { cause: error });
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new RemoteError(message, "broken", { cause: error });
  }
}

/** The mode is set, not asked for: the user's mask would take from it what others need. */
async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await Deno.mkdir(path);
    await Deno.chmod(path, mode);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

/** Those of other people may not be ours to remove. */
function removeOwnLeftovers(folder: string): void {
  try {
    removeLeftovers(folder);
  } catch (error) {
    if (!hasCode(error, "EACCES", "EPERM", "ENOENT")) throw error;
  }
}

async function* pieces(file: Deno.FsFile, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { size } = await doing(() => file.stat());
  for (;;) {
    signal.throwIfAborted();
    const piece = await doing(() => readPiece(file, size));
    if (piece === null) return;
    yield piece;
  }
}
