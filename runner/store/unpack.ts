/**
 * Makes objects again of what care/pack.ts has put into packs.
 *
 * The packs stay: putting the files back into them later costs no more than removing the objects.
 *
 * @module
 */
import { hasCode } from "./files.ts";
import type { Damage, Objects } from "./objects.ts";
import { openPack, writeContents } from "./remote/pack_bytes.ts";
import { contentsOfPacks, packedContents } from "./remote/packs.ts";
import { decodeTree } from "./tree.ts";
import { adoptFiles, packsOf, readPackIndex } from "./trees.ts";

/**
 * Unpacks what a tree lacks; each content is checked by its digest, and gets its name once all of its
 * pack are on the disk.
 *
 * @returns what is broken, if anything is: then no pack of the tree is to be relied on, and all are
 * set aside
 */
export async function unpackTree(objects: Objects, digest: string): Promise<Damage | undefined> {
  const read = objects.readText(digest);
  if ("damage" in read) return read.damage;
  const what = packsOf(digest);
  const packs = readPackIndex(objects, digest)?.packs;
  const filled = packs && contentsOfPacks(packedContents(decodeTree(read.text)), packs);
  if (filled === undefined) return objects.setAside(what, "does not have the files of its list");
  for (const { pack, contents } of filled) {
    const lacking = new Set<string>();
    for (const { digest, size } of contents) if (!objects.has(digest, size)) lacking.add(digest);
    if (lacking.size === 0) continue;
    const broken = (problem: string) =>
      objects.setAside(what, `is broken: pack ${pack.digest.slice(0, 12)} ${problem}`);
    const came = readPack(`${objects.store}/${what}/${pack.digest}`);
    if (came === undefined) return broken("is missing");
    const wanted = await openPack(came, pack, contents, (digest) => lacking.has(digest));
    if (wanted === undefined) return broken("does not have the files of its list");
    await adoptFiles(objects, await writeContents(objects, wanted));
  }
}

function readPack(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
    throw error;
  }
}
