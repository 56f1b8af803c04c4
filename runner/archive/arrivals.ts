/**
 * What has come out of an archive: in temporary files, until all of it is known to be right.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { explain, readIfThere } from "../store/files.ts";
import type { Objects } from "../store/objects.ts";
import { writePiece } from "../store/remote/pieces.ts";
import type { Store } from "../store/store.ts";
import type { ArchiveEntry } from "./read_archive.ts";

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
    const isHere = this.#objects.has(digest, entry.size);
    const path = isHere ? undefined : this.store.temporary();
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

  /** The text of a content that has come, or that the store had before; undefined if there is none. */
  readText(digest: string): string | undefined {
    return readIfThere(this.contents.get(digest)?.path ?? this.#objects.path(digest));
  }

  /** Whether a content of this size has come, or was here before. */
  has(digest: string, size: number): boolean {
    const arrival = this.contents.get(digest);
    return arrival ? arrival.size === size : this.#objects.has(digest, size);
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
