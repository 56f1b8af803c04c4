/**
 * What has come out of an archive: in temporary files, until all of it is known to be right.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { explain, readIfThere, statIfThere } from "../store/files.ts";
import type { Objects } from "../store/objects.ts";
import { writePiece } from "../store/remote/pieces.ts";
import { readForeignTree } from "../store/remote/shape.ts";
import type { Store } from "../store/store.ts";
import { encodeTree, type TreeFile } from "../store/tree.ts";
import type { ArchiveEntry } from "./read_archive.ts";

/** No list of files is larger, in bytes; this is more than a million files. */
const LARGEST_TREE = 512 * 2 ** 20;

/** A content that has come. */
export interface Arrival {
  size: number;
  /** Where it waits; undefined if the store has it already. */
  path: string | undefined;
}

/** Receives contents of one archive. */
export class Arrivals {
  /** By digest. */
  readonly contents = new Map<string, Arrival>();
  readonly #objects: Objects;

  constructor(readonly store: Store) {
    this.#objects = store.objects;
  }

  /** Receives a content of the store. @returns whether it is what its digest says */
  async take(digest: string, entry: ArchiveEntry): Promise<boolean> {
    const path = this.#isHere(digest, entry.size) ? undefined : this.store.temporary();
    const found = await this.receive(entry, path);
    this.contents.set(digest, { size: entry.size, path });
    return found === digest;
  }

  /** Hashes what comes, and writes it to a file if one is named. @returns the digest */
  async receive({ pieces }: ArchiveEntry, path: string | undefined): Promise<string> {
    const hash = createHash("sha256");
    using file = path === undefined ? undefined : await this.#writing(() => create(path));
    for await (const piece of pieces) {
      hash.update(piece);
      if (file) await this.#writing(() => writePiece(file, piece));
    }
    return hash.digest("hex");
  }

  /**
   * The files of a folder that has come, or that the store had before.
   *
   * @returns undefined if there is no such folder, or it leads out of itself: what the store has under
   *   this digest may be a file of someone's result
   */
  filesOf(tree: string): TreeFile[] | undefined {
    const { path, size = 0 } = this.contents.get(tree) ?? {};
    if (size > LARGEST_TREE) return undefined;
    if (path !== undefined) return readForeignTree(readIfThere(path) ?? "")?.files;
    const here = this.store.peekTree(tree);
    return here && readForeignTree(encodeTree(here.files, here.emptyFolders))?.files;
  }

  /** Whether a content of this size has come, or was here before. */
  has(digest: string, size: number): boolean {
    const arrival = this.contents.get(digest);
    return arrival ? arrival.size === size : this.#isHere(digest, size);
  }

  /** The store sets aside what has another size than it should; but this size is only a claim. */
  #isHere(digest: string, size: number): boolean {
    return statIfThere(this.#objects.path(digest))?.size === size &&
      this.#objects.has(digest, size);
  }

  async #writing<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      throw explain(this.store.folder, "write to the store", error);
    }
  }
}

function create(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { write: true, createNew: true });
}
