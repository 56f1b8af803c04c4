/**
 * Unpacks tar archives that nobody vouches for: nothing lands outside the folder.
 *
 * @module
 */
import { extract, type Header } from "tar-stream";
import { drained } from "../../common/drained.ts";
import { InputError } from "../image/input_error.ts";
import {
  explained,
  type Guard,
  guard,
  inside,
  makeParent,
  type UnpackOptions,
  writeEntry,
} from "./unpacking.ts";

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
  const { enter, take, fail }: Guard = guard(archive, options);
  const tar = extract();
  // What reads an entry only hears that the stream is gone; why is said here.
  let cause: unknown;
  tar.on("error", (error) => cause ??= error);
  const feeding = feed(archive, tar, options).catch((error) => tar.destroy(error));
  const links: [path: string, target: string][] = [];
  let files = 0;
  try {
    for await (const entry of tar) {
      const { header } = entry;
      const path = enter(header.name);
      if (path !== undefined) {
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
            take(header.size);
            await writeEntry(folder, path, entry);
            files++;
            break;
          default:
            fail(`the entry "${header.name}" is a ${header.type ?? "thing of unknown kind"}`);
        }
      }
      entry.resume(); // what was not read is skipped
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explained(error instanceof InputError ? error : cause ?? error, archive, isDamage);
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

async function isGzip(archive: string): Promise<boolean> {
  using file = await Deno.open(archive);
  const start = new Uint8Array(2);
  return await file.read(start) === 2 && start[0] === 0x1F && start[1] === 0x8B;
}

function linkTarget({ type, linkname }: Header, path: string): string | undefined {
  if (/^[/\\]|^[a-z]:|\0/i.test(linkname)) return undefined;
  // A hard link counts from the archive's root, a symbolic one from where it lies.
  const from = type === "link" ? [] : path.split("/").slice(0, -1);
  return inside([...from, ...linkname.split(/[/\\]/)]);
}

function outside({ name, linkname }: Header): string {
  return `the link "${name}" points at "${linkname}", outside the folder`;
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

function isDamage({ message }: Error): boolean {
  return /unexpected end of data|invalid tar header|premature close|corrupt|gzip|deflate/i
    .test(message);
}
