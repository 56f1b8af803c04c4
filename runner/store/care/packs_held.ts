/**
 * The packs that a store has: how many, and whether they are whole.
 *
 * @module
 */
import { namesIn } from "../files.ts";
import type { Damage } from "../objects.ts";
import { contentsOfPacks, packedContents } from "../remote/packs.ts";
import type { Store } from "../store.ts";
import { checkPacks, type PackIndex, packsOf, readPackIndex } from "../trees.ts";

/** How much is in packs. */
export interface PacksHeld {
  packs: number;
  /** Files in them; those of two folders count twice. */
  files: number;
  /** What the packs take, in bytes. */
  bytes: number;
}

/** Digests of the folders that have packs. */
export function packedTrees({ folder }: Pick<Store, "folder">): string[] {
  return namesIn(`${folder}/packs`);
}

/** Counts, by what the indexes say. */
export function countPacks(store: Pick<Store, "folder" | "objects">): PacksHeld {
  const packs = packedTrees(store).flatMap((tree) =>
    readPackIndex(store.objects, tree)?.packs ?? []
  );
  return {
    packs: packs.length,
    files: packs.reduce((sum, { files }) => sum + files, 0),
    bytes: packs.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/**
 * Reads the packs of a folder. Broken ones are set aside.
 *
 * @returns undefined if there are none
 */
export function verifyPacks(
  store: Pick<Store, "objects" | "peekTree">,
  tree: string,
): PackIndex | { damage: Damage } | undefined {
  const found = checkPacks(store.objects, tree, { full: true });
  if (found === undefined || "damage" in found) return found;
  const list = store.peekTree(tree);
  // Without its list nothing needs it.
  if (list === undefined || contentsOfPacks(packedContents(list), found.packs)) return found;
  return { damage: store.objects.setAside(packsOf(tree), "does not have the files of its list") };
}

/** Content → a folder in whose packs it is, by what the lists and indexes say. */
export function packedContentsOf(
  store: Pick<Store, "folder" | "objects" | "peekTree">,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const tree of packedTrees(store)) {
    const upTo = readPackIndex(store.objects, tree)?.upTo ?? -1;
    for (const { digest, size } of store.peekTree(tree)?.files ?? []) {
      if (size <= upTo) found.set(digest, tree);
    }
  }
  return found;
}
