/**
 * A stretch of a file, read in part and when asked for.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";

/** Most bytes that one read asks the system for. */
const MOST_AT_ONCE = 2 ** 30;

/** Bytes of a file from a place on. Holds no handle: each read opens the file anew. */
export class Stretch {
  /**
   * @param file path
   * @param start offset in the file, bytes
   * @param size bytes
   */
  constructor(readonly file: string, readonly start: number, readonly size: number) {}

  /** A whole file. @throws {InputError} if there is none */
  static async of(file: string): Promise<Stretch> {
    try {
      const { size, isFile } = await Deno.stat(file);
      if (!isFile) throw new InputError(`Cannot read ${file}: it is a folder, expected a file`);
      return new Stretch(file, 0, size);
    } catch (error) {
      throw explained(error, file);
    }
  }

  /** A part of this one. @throws {InputError} if it reaches beyond the end */
  part(offset: number, size: number, what: string): Stretch {
    if (!(offset >= 0 && size >= 0 && offset + size <= this.size)) {
      const from = this.start + offset;
      throw new InputError(
        `Cannot read ${this.file}: ${what} would reach from byte ${from} to ${from + size}, but ` +
          `there is nothing after ${this.start + this.size}; the file is cut off or damaged`,
      );
    }
    return new Stretch(this.file, this.start + offset, size);
  }

  /**
   * Reads all of it, or the part that is named.
   *
   * @throws {InputError} if the file has become shorter, or is gone
   */
  async read(offset = 0, size: number = this.size - offset): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(size);
    try {
      using handle = await Deno.open(this.file);
      await handle.seek(this.start + offset, Deno.SeekMode.Start);
      for (let at = 0; at < size;) {
        const count = await handle.read(bytes.subarray(at, at + MOST_AT_ONCE));
        if (count === null) {
          throw new InputError(
            `Cannot read ${this.file}: it ends at byte ${this.start + offset + at}, expected ` +
              `${size - at} bytes more; it has been changed or cut off`,
          );
        }
        at += count;
      }
    } catch (error) {
      throw explained(error, this.file);
    }
    return bytes;
  }
}

/** Errors of the disk in words that help. */
function explained(error: unknown, file: string): unknown {
  if (error instanceof Deno.errors.NotFound) {
    return new InputError(`Cannot read ${file}: there is no such file`, { cause: error });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new InputError(`Cannot read ${file}: it may not be read by this user`, { cause: error });
  }
  return error;
}
