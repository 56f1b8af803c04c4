/**
 * One request for what is missing of a file.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { notePart, type Part, removePart } from "./part_file.ts";

/** A failure that may not happen again. */
export class TransferError extends Error {
  override name = "TransferError";
  /** How long the server asks to wait, milliseconds. */
  wait?: number;
}

/** What one request needs to know. */
export interface FetchOptions {
  checksum?: string | undefined;
  size?: number | undefined;
  stall?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number | undefined) => void;
}

/** Answers that another try may change. */
const TRANSIENT = [408, 425, 429];

/**
 * Asks for the bytes that are missing and appends them; returns when there are no more.
 *
 * A server that does not know ranges, or has another version by now, sends everything: then what
 * had arrived is overwritten.
 *
 * @returns whether something that had arrived before was kept
 * @throws {TransferError} if a retry makes sense
 * @throws {InputError} if it does not
 */
export async function fetchPart(part: Part, options: FetchOptions): Promise<boolean> {
  const { stall = 60_000, signal, onProgress } = options;
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), stall);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), stall);
  };
  let begun = false;
  try {
    const response = await fetch(part.url, {
      headers: rangeHeaders(part, options.checksum !== undefined),
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
    });
    heard();
    begun = true;
    const resumed = response.status !== 200;
    if (await judge(response, part, options) === "more") {
      await append(response, part, options, () => {
        heard();
        onProgress?.(part.size, part.total);
      });
    }
    if (part.total !== undefined && part.size < part.total) throw new TransferError(closed(part));
    return resumed;
  } catch (error) {
    if (silence.signal.aborted) throw new TransferError(`no data for ${stall / 1000} s`);
    throw explained(error, part, begun);
  } finally {
    clearTimeout(timer);
    silence.abort(); // lets go of a connection that is still open
  }
}

function rangeHeaders(part: Part, verifiable: boolean): Record<string, string> {
  const identity = { "accept-encoding": "identity" }; // lengths and ranges count plain bytes
  if (part.size === 0) return identity;
  const range = { ...identity, range: `bytes=${part.size}-` };
  if (part.validator !== undefined) return { ...range, "if-range": part.validator };
  // Without a name for the version only a checksum can tell whether the pieces fit.
  return verifiable ? range : identity;
}

/** Looks at status and headers; leaves `part` ready to be appended to. */
async function judge(
  response: Response,
  part: Part,
  { size }: FetchOptions,
): Promise<"complete" | "more"> {
  const { status, headers } = response;
  if (status === 416) {
    const total = Number(headers.get("content-range")?.match(/^bytes \*\/(\d+)$/)?.[1]);
    if (total === part.size) {
      part.total = total; // whatever was promised before, this is all there is
      return "complete";
    }
    await removePart(part);
    throw new TransferError("the server no longer has what was begun");
  }
  if (status !== 200 && status !== 206) throw refusal(response, part.url);

  const range = headers.get("content-range")?.match(/^bytes (\d+)-\d+\/(\d+|\*)$/);
  if (status === 206 && (part.size === 0 || Number(range?.[1]) !== part.size)) {
    await removePart(part);
    throw new TransferError("the server sent another piece than it was asked for");
  }
  if (status === 200) part.size = 0;
  const length = headers.get("content-encoding") === null ? headers.get("content-length") : null;
  const rest = length === null ? NaN : part.size + Number(length);
  const total = Number(range?.[2] ?? rest);
  part.total = Number.isSafeInteger(total) ? total : undefined;
  if (size !== undefined && part.total !== undefined && part.total !== size) {
    await removePart(part);
    throw new InputError(
      `Cannot use what ${part.url} sends: expected ${size} bytes, it offers ${total}`,
    );
  }
  const tag = headers.get("etag");
  const strong = tag !== null && !tag.startsWith("W/") ? tag : null;
  part.validator = strong ?? headers.get("last-modified") ?? undefined;
  await notePart(part);
  return "more";
}

function refusal(response: Response, url: string): Error {
  const { status, statusText, headers } = response;
  const answer = `the server answers ${status} ${statusText}`.trimEnd();
  if (status < 500 && !TRANSIENT.includes(status)) {
    return new InputError(`Cannot download ${url}: ${answer}; check the address`);
  }
  const error = new TransferError(answer);
  const wait = Number(headers.get("retry-after") ?? NaN);
  if (wait >= 0) error.wait = wait * 1000;
  return error;
}

async function append(
  response: Response,
  part: Part,
  { size }: FetchOptions,
  onChunk: () => void,
): Promise<void> {
  const more = part.size > 0 ? { append: true } : { write: true, truncate: true };
  using file = await Deno.open(part.path, { create: true, ...more });
  if (response.body === null) return;
  for await (const chunk of response.body) {
    for (let from = 0; from < chunk.length;) {
      const written = await file.write(chunk.subarray(from));
      from += written;
      part.size += written;
    }
    onChunk();
    const limit = size ?? part.total;
    if (limit === undefined || part.size <= limit) continue;
    await removePart(part);
    throw new InputError(
      `Cannot use what ${part.url} sends: expected ${limit} bytes, but there is no end to it`,
    );
  }
}

/** Errors of the network and the disk in words that help. */
function explained(error: unknown, part: Part, begun: boolean): unknown {
  if (error instanceof InputError || error instanceof TransferError) return error;
  if (!(error instanceof Error)) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new InputError(
      `Cannot download ${part.url}: it leads to a host that this stage has not declared ` +
        `(${error.message.split("\n")[0]})`,
      { cause: error },
    );
  }
  if (error.message.includes("os error 28")) {
    const need = part.total === undefined ? "" : ` of ${part.total}`;
    return new InputError(
      `Cannot write ${part.path}: the disk is full, ${part.size}${need} bytes have arrived; ` +
        "free some space and run again, it goes on from there",
      { cause: error },
    );
  }
  // Everything else that fetch() throws is a TypeError, or an HTTP error in the middle of a body.
  const network = error instanceof TypeError || error instanceof Deno.errors.Http ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.UnexpectedEof;
  if (!network) return error;
  return new TransferError(begun ? closed(part) : rootOf(error).message.split("\n")[0], {
    cause: error,
  });
}

/** fetch() only says that it failed; why is in what caused it. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}

function closed({ size, total }: Part): string {
  return `the connection closed after ${size}${total === undefined ? "" : ` of ${total}`} bytes`;
}
