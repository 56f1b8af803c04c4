/**
 * Brings the one file that a checkpoint is, from wherever it is.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { ARCHIVE } from "./archive.ts";
import { digestFile } from "./checksum.ts";
import { download, type DownloadOptions } from "./download.ts";

/** Where a checkpoint is: one of the three. */
export interface Origin {
  /** On this machine. */
  file: string | null;
  /** On the web, with its digest. */
  url: string | null;
  /** Its first digits at least. */
  sha256: string | null;
  /** The folder that another stage has made. */
  from: string | undefined;
  /** Which of that folder's weights. */
  part: "sr" | "task";
}

/** A file that is there. */
export interface Checkpoint {
  path: string;
  /** What messages call it. */
  shown: string;
}

/**
 * Finds or downloads a checkpoint, and checks it if a digest is given.
 *
 * @param options where to put what is downloaded, and as `download()`
 * @throws {InputError} if there is none, more than one place is given, or the digest is another
 */
export async function findCheckpoint(
  { file, url, sha256, from, part }: Origin,
  { scratch, ...options }: DownloadOptions & { scratch: string },
): Promise<Checkpoint> {
  const given = [file, url, from].filter((one) => one !== null && one !== undefined);
  if (given.length !== 1) {
    throw new InputError(
      "Cannot import weights: expected one of file, url and the input from, found " +
        (given.length === 0 ? "none" : `${given.length} of them`),
    );
  }
  if (url !== null && sha256 === null) {
    throw new InputError(
      `Cannot import ${url}: expected sha256 beside it; PyTorch's file names end in its first ` +
        "digits, and `sha256sum FILE` shows that of a copy",
    );
  }
  const found = file !== null
    ? { path: file, shown: file }
    : from !== undefined
    ? await inFolder(from, part)
    : await fetched(url as string, sha256 as string, `${scratch}/checkpoint`, options);
  if (sha256 !== null) await checkDigest(found, sha256, url === null, options.signal);
  return found;
}

async function fetched(
  url: string,
  sha256: string,
  path: string,
  options: DownloadOptions,
): Promise<Checkpoint> {
  const whole = sha256.length === WHOLE ? { checksum: `sha256:${sha256}` } : {};
  await download(url, path, { ...options, ...whole });
  return { path, shown: url };
}

/** Digits of a whole SHA-256. */
const WHOLE = 64;

async function checkDigest(
  { path, shown }: Checkpoint,
  sha256: string,
  keep: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = await digestFile(path, "sha256", signal);
  if (found.startsWith(sha256.toLowerCase())) return;
  // What was downloaded would be taken for right by the next run.
  if (!keep) await Deno.remove(path);
  throw new InputError(
    `Cannot use ${shown}: expected sha256 ${sha256.toLowerCase()}, found ${found}; ` +
      "it is another file, or damaged",
  );
}

/** The part's weights, or the only file that there is. */
async function inFolder(folder: string, part: string): Promise<Checkpoint> {
  const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  const name = files.find((one) => one === `${part}.safetensors`) ??
    files.find((one) => one === ARCHIVE);
  if (name === undefined) {
    throw new InputError(
      `Cannot import weights of "${part}" from another stage: its output has ` +
        (files.join(", ") || "no files"),
    );
  }
  return { path: `${folder}/${name}`, shown: name };
}
