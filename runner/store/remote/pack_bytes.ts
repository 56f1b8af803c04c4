/**
 * The bytes of packs: contents in one behind the other, compressed where that is worth it, and each
 * content out again under its own digest.
 *
 * @module
 */
import { digestBytes } from "../digest.ts";
import { removeIfThere } from "../files.ts";
import type { Objects } from "../objects.ts";
import { compress, expand } from "./compression.ts";
import type { Content, Pack } from "./packs.ts";
import { locally } from "./pieces.ts";
import { LocalError } from "./place.ts";

/** So many small files are read or written before others have their turn. */
const TURN = 256;

/** A content in memory. */
export interface Unpacked {
  digest: string;
  bytes: Uint8Array;
}

/** Puts objects into a pack. @throws {LocalError} if one is not what its name says */
export async function makePack(
  objects: Objects,
  contents: Content[],
): Promise<{ pack: Pack; bytes: Uint8Array }> {
  const size = contents.reduce((sum, content) => sum + content.size, 0);
  const whole = new Uint8Array(size);
  let end = 0;
  for (const [i, content] of contents.entries()) {
    const bytes = await locally(() => Deno.readFileSync(objects.path(content.digest)));
    if (bytes.length !== content.size || digestBytes(bytes) !== content.digest) {
      throw changed(objects, content);
    }
    whole.set(bytes, end);
    end += bytes.length;
    if (i % TURN === 0) await new Promise((resolve) => setTimeout(resolve));
  }
  const compressed = await compress(whole);
  const bytes = compressed ?? whole;
  const pack = {
    digest: digestBytes(bytes),
    bytes: bytes.length,
    size,
    files: contents.length,
    zstd: compressed !== undefined,
  };
  return { pack, bytes };
}

/** Says what is wrong with an object that is not what its name says, and sets it aside. */
export function changed(objects: Objects, { digest, size }: Content): LocalError {
  const damage = objects.check(digest, { size, full: true });
  return new LocalError(`${objects.name(digest)} ${damage?.problem ?? "has changed meanwhile"}`);
}

/**
 * Takes contents out of a pack.
 *
 * @param came the pack as it lies somewhere
 * @param contents all that is in it
 * @returns those that are wanted; undefined if one of them is not what its digest says
 */
export async function openPack(
  came: Uint8Array,
  pack: Pack,
  contents: Content[],
  isWanted: (digest: string) => boolean,
): Promise<Unpacked[] | undefined> {
  const whole = pack.zstd ? await expand(came, pack.size) : came;
  if (whole?.length !== pack.size) return undefined;
  let end = 0;
  const all = contents.map(({ digest, size }) => ({
    digest,
    bytes: whole.subarray(end, end += size),
  }));
  const wanted = all.filter(({ digest }) => isWanted(digest));
  return wanted.every(({ digest, bytes }) => digestBytes(bytes) === digest) ? wanted : undefined;
}

/** Writes contents to temporary files on the store's filesystem. */
export async function writeContents(
  objects: Objects,
  contents: Unpacked[],
): Promise<{ source: string; digest: string }[]> {
  const written: { source: string; digest: string }[] = [];
  try {
    for (const [i, { digest, bytes }] of contents.entries()) {
      const source = objects.files.newName();
      written.push({ source, digest });
      Deno.writeFileSync(source, bytes, { createNew: true });
      if (i % TURN === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    return written;
  } catch (error) {
    for (const { source } of written) removeIfThere(source);
    throw error;
  }
}
