/**
 * Unpacks archives that nobody vouches for: nothing lands outside the folder.
 *
 * @module
 */
import { extract, type Header } from "tar-stream";
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

/**
 * Unpacks a tar archive, gzipped or not, into a folder.
 *
 * Permissions, owners and times are left aside. A link becomes a copy of what it points at, which
 * must lie inside the archive: so no path ever leads through a link.
 *
 * @returns the number of files written
 * @throws {InputError} that names the archive and the entry: a path or link out of the folder, a
 * device, too much content, a damaged archive
 */
export async function unpackTar(
  archive: string,
  folder: string,
  options: UnpackOptions = {},
): Promise<number> {
  const { include = () => true, maxBytes = 2 ** 36, maxEntries = 1_000_000, signal } = options;
  const fail = (reason: string): never => {
    throw new InputError(`Cannot unpack ${archive}: ${reason}`);
  };
  const tar = extract();
  // What reads an entry only hears that the stream is gone; why is said here.
  let cause: unknown;
  tar.on("error", (error) => cause ??= error);
  const feeding = feed(archive, tar, options).catch((error) => tar.destroy(error));
  const links: [path: string, target: string][] = [];
  let files = 0;
  let entries = 0;
  let bytes = 0;
  try {
    for await (const entry of tar) {
      signal?.throwIfAborted();
      const { header } = entry;
      const path = safePath(header.name) ??
        fail(`the entry "${header.name}" would land outside the folder`);
      if (++entries > maxEntries) fail(`it has more than ${maxEntries} entries`);
      if (path !== "" && include(path)) {
        switch (header.type) {
          case "directory":
            await Deno.mkdir(`${folder}/${path}`, { recursive: true });
            break;
          case "symlink":
          case "link":
            links.push([path, linkTarget(header, path) ?? fail(outside(header))]);
            break;
          case "file":
          case "contiguous-file":
            bytes += header.size;
            if (bytes > maxBytes) fail(`it holds more than ${maxBytes} bytes`);
            await makeParent(folder, path);
            await writeFile(`${folder}/${path}`, entry);
            files++;
            break;
          default:
            fail(`the entry "${header.name}" is a ${header.type ?? "thing of unknown kind"}`);
        }
      }
      entry.resume(); // what was not read is skipped
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw explained(error instanceof InputError ? error : cause ?? error, archive);
  } finally {
    await feeding;
  }
  for (const [path, target] of links) {
    await makeParent(folder, path);
    if (!await copyFile(`${folder}/${target}`, `${folder}/${path}`)) {
      fail(`the link "${path}" points at "${target}", which is not a file of the archive`);
    }
    files++;
  }
  return files;
}

/** Sends the archive's bytes into the reader. */
async function feed(
  archive: string,
  tar: ReturnType<typeof extract>,
  { onProgress }: UnpackOptions,
): Promise<void> {
  const file = await Deno.open(archive);
  const { size } = await file.stat();
  let done = 0;
  const counted = file.readable.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        done += chunk.length;
        onProgress?.(done, size);
        controller.enqueue(chunk);
      },
    }),
  );
  const plain = await isGzip(archive)
    ? counted.pipeThrough(new DecompressionStream("gzip"))
    : counted;
  for await (const chunk of plain) {
    if (tar.destroyed) return;
    if (!tar.write(chunk)) await drained(tar);
  }
  tar.end(null);
}

function drained(tar: ReturnType<typeof extract>): Promise<void> {
  return new Promise((resolve) => {
    tar.once("drain", resolve);
    tar.once("close", resolve);
  });
}

async function isGzip(archive: string): Promise<boolean> {
  using file = await Deno.open(archive);
  const start = new Uint8Array(2);
  return await file.read(start) === 2 && start[0] === 0x1F && start[1] === 0x8B;
}

/** The path inside the folder, "" for the folder itself; undefined if it leads out of it. */
function safePath(name: string): string | undefined {
  if (/^[/\\]|^[a-z]:|\0/i.test(name)) return undefined;
  return inside(name.split(/[/\\]/));
}

function linkTarget({ type, linkname }: Header, path: string): string | undefined {
  if (/^[/\\]|^[a-z]:|\0/i.test(linkname)) return undefined;
  // A hard link counts from the archive's root, a symbolic one from where it lies.
  const from = type === "link" ? [] : path.split("/").slice(0, -1);
  return inside([...from, ...linkname.split(/[/\\]/)]);
}

function inside(segments: string[]): string | undefined {
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

function outside({ name, linkname }: Header): string {
  return `the link "${name}" points at "${linkname}", outside the folder`;
}

async function writeFile(path: string, content: AsyncIterable<unknown>): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for await (const chunk of content) {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(`Cannot write ${typeof chunk} to ${path}`);
    }
    for (let from = 0; from < chunk.length;) from += await file.write(chunk.subarray(from));
  }
}

async function makeParent(folder: string, path: string): Promise<void> {
  await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
}

async function copyFile(from: string, to: string): Promise<boolean> {
  try {
    if (!(await Deno.stat(from)).isFile) return false;
    await Deno.copyFile(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function explained(error: unknown, archive: string): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  if (error.message.includes("os error 28")) {
    return new InputError(
      `Cannot unpack ${archive}: the disk is full; free some space and run again`,
      { cause: error },
    );
  }
  const damaged = /unexpected end of data|invalid tar header|premature close|corrupt|gzip|deflate/i;
  if (!damaged.test(error.message)) return error;
  return new InputError(`Cannot unpack ${archive}: it is damaged (${error.message})`, {
    cause: error,
  });
}
