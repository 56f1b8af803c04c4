/**
 * What every remote cache offers, be it a server or a shared folder: entries `ac/<key>` (what came
 * of an action) and `cas/<digest>` (content by its SHA-256), as Bazel's HTTP caches have them.
 *
 * A place only carries bytes. Whether they are what they should be is for the reader to check.
 *
 * @module
 */

/** Bytes in pieces. */
export type Bytes = AsyncIterable<Uint8Array>;

/** Somewhere that entries are kept. */
export interface Place {
  /** What to call it in messages; holds no credentials. */
  readonly name: string;
  /**
   * Looks for an entry without reading it.
   *
   * @returns undefined if it is not there; its size in bytes where the place tells
   */
  look(entry: string, signal: AbortSignal): Promise<{ size?: number } | undefined>;
  /**
   * Reads an entry; what `take` throws passes through.
   *
   * @returns what `take` made of the bytes; undefined if the entry is not there
   */
  read<T>(
    entry: string,
    take: (bytes: Bytes) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined>;
  /** Writes an entry whole or, if `bytes` throws, not at all. Replaces what is there. */
  write(entry: string, bytes: Bytes, size: number, signal: AbortSignal): Promise<void>;
  /** Lets go of connections. */
  close(): void;
}

/** What a failure means for what is asked next. */
export type RemoteFailure =
  /** The connection broke: once more may help. */
  | "dropped"
  /** It does not let us: asking again does not help. */
  | "refused"
  /** It gave something else than was asked for. */
  | "wrong"
  /** It does not answer, or hardly: asking again costs as much time again. */
  | "silent"
  /** Anything else: not to be reached, an error of the server. */
  | "broken";

/** A remote cache did not do what it should. The message says what, in words that fit after its name. */
export class RemoteError extends Error {
  override name = "RemoteError";

  constructor(message: string, readonly failure: RemoteFailure = "broken", options?: ErrorOptions) {
    super(message, options);
  }
}

/** Something on this side went wrong, for which the remote cache is not to blame. */
export class LocalError extends Error {
  override name = "LocalError";
}

/** Entry of an action's record. */
export function recordEntry(key: string): string {
  return `ac/${key}`;
}

/** Entry of a content. */
export function contentEntry(digest: string): string {
  return `cas/${digest}`;
}
