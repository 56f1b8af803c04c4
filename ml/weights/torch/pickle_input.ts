/**
 * The bytes of a pickle, from a file, forwards, as far as they are asked for.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import type { Stretch } from "../stretch.ts";

/** Longest pickle; those of the largest checkpoints have some ten million bytes. */
const MAX_PICKLE = 2 ** 27;

/** Longest text or bytes inside one. */
const MAX_TEXT = 2 ** 24;

/** Longest line: numbers and names in protocol 0. */
const MAX_LINE = 2 ** 16;

/** Bytes that are read from the file at once. */
const CHUNK = 2 ** 16;

/** Reads a pickle's bytes in order. */
export class PickleInput implements Disposable {
  private readonly handle: Deno.FsFile;
  private buffer: Uint8Array<ArrayBuffer> = new Uint8Array(CHUNK);
  private filled = 0;
  private at = 0;
  /** Bytes of the stretch that are not in the buffer yet. */
  private unread: number;
  private taken = 0;

  /** @param offset where in the stretch the pickle begins */
  constructor(private readonly stretch: Stretch, private readonly offset = 0) {
    this.unread = stretch.size - offset;
    this.handle = Deno.openSync(stretch.file);
    this.handle.seekSync(stretch.start + offset, Deno.SeekMode.Start);
  }

  [Symbol.dispose](): void {
    this.handle.close();
  }

  /** Offset in the stretch of what comes next. */
  get position(): number {
    return this.offset + this.taken;
  }

  /** Bytes of the stretch that have not been taken. */
  get rest(): number {
    return this.unread + this.filled - this.at;
  }

  /** The next bytes; gone with the next call. @throws {InputError} if there are not so many */
  take(count: number): Uint8Array<ArrayBuffer> {
    if (count > MAX_TEXT) {
      this.fail(`it has a text of ${count} bytes, expected at most ${MAX_TEXT}`);
    }
    if (this.filled - this.at < count) this.fill(count);
    this.at += count;
    this.taken += count;
    if (this.taken > MAX_PICKLE) this.fail(`its pickle is longer than ${MAX_PICKLE} bytes`);
    return this.buffer.subarray(this.at - count, this.at);
  }

  /** The next byte. */
  byte(): number {
    return this.take(1)[0];
  }

  /** The next bytes as a view to read numbers from. */
  view(count: number): DataView {
    const bytes = this.take(count);
    return new DataView(bytes.buffer, bytes.byteOffset, count);
  }

  /** What stands before the next end of line, as Latin-1. */
  line(): string {
    let text = "";
    for (let code = this.byte(); code !== 0x0A; code = this.byte()) {
      text += String.fromCharCode(code);
      if (text.length > MAX_LINE) this.fail(`it has a line of more than ${MAX_LINE} bytes`);
    }
    return text;
  }

  /** @throws {InputError} always, with the file and the place */
  fail(what: string, advice = ""): never {
    const { file, start } = this.stretch;
    throw new InputError(
      `Cannot read ${file}: ${what} (before byte ${start + this.position})${advice}`,
    );
  }

  private fill(count: number): void {
    if (count > this.rest) this.fail("its pickle is cut off or damaged");
    const left = this.buffer.subarray(this.at, this.filled);
    if (count > this.buffer.length) {
      const larger = new Uint8Array(count + CHUNK);
      larger.set(left);
      this.buffer = larger;
    } else this.buffer.copyWithin(0, this.at, this.filled);
    this.at = 0;
    this.filled = left.length;
    while (this.filled < count) {
      const room = this.buffer.subarray(this.filled, this.filled + this.unread);
      const read = this.handle.readSync(room);
      if (read === null) this.fail("the file has become shorter");
      this.filled += read;
      this.unread -= read;
    }
  }
}
