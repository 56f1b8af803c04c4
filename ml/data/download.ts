/**
 * Fetches a file over HTTP so that it ends up whole and right, or with a clear error.
 *
 * What has arrived lies in `<file>.part`, so that a broken connection, or an interrupted program,
 * goes on where it stopped; `<file>` itself appears only when everything has been checked.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { digestFile, parseChecksum } from "./checksum.ts";
import { fetchPart, TransferError } from "./fetch_part.ts";
import { type Part, partOf, removePart } from "./part_file.ts";

/** What is known of the file, and how patient to be. */
export interface DownloadOptions {
  /** `sha256:…` or `md5:…` of the whole file. */
  checksum?: string | undefined;
  /** Bytes of the whole file. */
  size?: number | undefined;
  /** How often to try again without having got any further. */
  retries?: number;
  /** Wait before the first retry, milliseconds; doubles up to 30 s. */
  backoff?: number;
  /** Give a connection up that has sent nothing for so many milliseconds. */
  stall?: number;
  signal?: AbortSignal;
  /** Bytes that have arrived; `total` as far as it is known. */
  onProgress?: (done: number, total: number | undefined) => void;
  /** Told of retries. */
  log?: (line: string) => void;
}

const LONGEST_WAIT = 30_000;

/**
 * Downloads `url` to `file`. A file that is already there is kept if it is right.
 *
 * @throws {InputError} if the file cannot be had or is not the one that was expected
 */
export async function download(
  url: string,
  file: string,
  options: DownloadOptions = {},
): Promise<void> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new InputError(`Cannot download "${url}": expected an address with http:// or https://`);
  }
  if (options.checksum !== undefined) parseChecksum(options.checksum);
  if (await sizeOf(file) !== undefined) {
    const fault = await faultOf(file, options);
    if (fault === undefined) return;
    options.log?.(`${file} is there but wrong (${fault}); it is downloaded again`);
    await Deno.remove(file);
  }
  const part = await partOf(file, url);
  for (let again = false;; again = true) {
    const resumed = await fetchAll(part, options);
    const fault = await faultOf(part.path, options);
    if (fault === undefined) {
      await Deno.rename(part.path, file);
      await removePart(part);
      return;
    }
    const hint = await contentHint(part.path);
    await removePart(part);
    if (!resumed || again) {
      throw new InputError(
        `Cannot use what ${url} sends: ${fault}${hint}; ` +
          "check the address and the expected checksum",
      );
    }
    // What was put together from several answers may be a mixture of two versions.
    options.log?.(`${url}: the pieces did not fit together (${fault}); starting anew`);
  }
}

/** Asks again and again until everything has arrived; true if the last answer was not all of it. */
async function fetchAll(part: Part, options: DownloadOptions): Promise<boolean> {
  const { retries = 5, backoff = 1000, signal, log } = options;
  let furthest = part.size;
  let failures = 0;
  while (true) {
    try {
      return await fetchPart(part, options);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof TransferError)) throw error;
      // A try that got further does not count: a slow, flaky line still arrives in the end.
      failures = part.size > furthest ? 0 : failures + 1;
      furthest = Math.max(furthest, part.size);
      if (failures > retries) {
        throw new InputError(
          `Cannot download ${part.url}: ${error.message} (tried ${failures} times); ` +
            (part.size > 0
              ? `${part.size} bytes are kept, run again to go on from there`
              : "check the connection and run again"),
          { cause: error },
        );
      }
      const wait = Math.min(error.wait ?? backoff * 2 ** failures, LONGEST_WAIT);
      log?.(`${part.url}: ${error.message}; trying again in ${(wait / 1000).toFixed(1)} s`);
      await sleep(wait, signal);
    }
  }
}

/** What is wrong with a file, in words. */
async function faultOf(path: string, options: DownloadOptions): Promise<string | undefined> {
  const { checksum, size, signal } = options;
  const actual = await sizeOf(path) ?? 0;
  if (size !== undefined && actual !== size) return `expected ${size} bytes, found ${actual}`;
  if (checksum === undefined) return undefined;
  const { algorithm, hex } = parseChecksum(checksum);
  const found = await digestFile(path, algorithm, signal);
  return found === hex ? undefined : `expected ${algorithm} ${hex}, found ${found}`;
}

/** Says so if a file is a web page, the usual impostor. */
async function contentHint(path: string): Promise<string> {
  using file = await Deno.open(path);
  const start = new Uint8Array(256);
  const n = await file.read(start) ?? 0;
  const text = new TextDecoder().decode(start.subarray(0, n)).trimStart();
  return /^<(!doctype html|html|\?xml)/i.test(text) ? " (it is a web page)" : "";
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
