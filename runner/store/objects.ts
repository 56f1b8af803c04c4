/**
 * Files by the SHA-256 of their content: put once, read-only, checked before use.
 *
 * @module
 */
import { digestBytes, digestFile, digestPieces } from "./digest.ts";
import { type AtomicFiles, hasCode, moveInto, seal, statIfThere, STORED_TIME } from "./files.ts";
import type { Presence } from "./presence.ts";

/** Something in the store that is not what its name promises. It has been set aside. */
export interface Damage {
  /** Path inside the store, e.g. `objects/ab/ab12…`. */
  what: string;
  /** In words, e.g. `has 10 bytes instead of 12`. */
  problem: string;
}

/** The problem of what is not there. */
export const MISSING = "is missing";

/** The objects of a store. */
export class Objects {
  /**
   * @param store absolute path of the store
   * @param report told of everything broken that is met
   * @param presence keeps what is found here from being removed before it is used
   */
  constructor(
    readonly store: string,
    readonly files: AtomicFiles,
    readonly report: (damage: Damage) => void,
    readonly presence: Pick<Presence, "hold"> = { hold() {} },
  ) {}

  /** Path inside the store. */
  name(digest: string): string {
    return `objects/${digest.slice(0, 2)}/${digest}`;
  }

  /** Absolute path of the file with this content. */
  path(digest: string): string {
    return `${this.store}/${this.name(digest)}`;
  }

  /** Stores a text. @returns its digest */
  putText(text: string): string {
    return this.putPieces(() => [text]);
  }

  /** The same for a text in pieces, which are made twice and need never be whole. */
  putPieces(pieces: () => Iterable<string>): string {
    const digest = digestPieces(pieces());
    // Written even if it is there: that costs little, and mends what might be broken.
    this.files.writePieces(this.path(digest), pieces(), { mode: 0o444 });
    return digest;
  }

  /** Stores a copy of a file. @returns the digest of what was copied */
  putCopy(source: string): string {
    const copy = this.files.copy(source);
    const { digest, size } = digestFile(copy);
    seal(copy);
    if (this.has(digest, size)) Deno.removeSync(copy);
    else moveInto(copy, this.path(digest));
    return digest;
  }

  /**
   * Returns whether an object is there and, as far as a look tells, whole, so that it need not be
   * put. It then counts as put now: what is collected is older.
   */
  has(digest: string, size: number): boolean {
    this.presence.hold();
    return statIfThere(this.path(digest)) !== undefined && !this.check(digest, { size }) &&
      sealAgain(this.path(digest));
  }

  /** Returns the text of an object, or what is wrong with it; its digest is always checked. */
  readText(digest: string): { text: string } | { damage: Damage } {
    const read = this.readBytes(digest);
    return "damage" in read ? read : { text: new TextDecoder().decode(read.bytes) };
  }

  /** Like {@link Objects.readText}, and leaves it to the caller to make a text of a part. */
  readBytes(digest: string): { bytes: Uint8Array<ArrayBuffer> } | { damage: Damage } {
    try {
      const bytes = Deno.readFileSync(this.path(digest));
      if (digestBytes(bytes) === digest) return { bytes };
      return { damage: this.#setAside(digest, "does not have the content that its name says") };
    } catch (error) {
      if (hasCode(error, "EISDIR")) return { damage: this.#setAside(digest, "is not a file") };
      if (!hasCode(error, "ENOENT", "ENOTDIR")) throw error;
      return { damage: this.#missing(digest) };
    }
  }

  /**
   * Looks whether an object is whole: its size and time always, its digest if those look wrong or
   * `full` asks for it. A broken one is set aside and reported.
   *
   * @returns what is wrong, or undefined
   */
  check(digest: string, how: { size: number; full?: boolean }): Damage | undefined {
    const problem = this.problemOf(this.name(digest), digest, how);
    return problem === undefined ? undefined : this.damaged(digest, problem);
  }

  /** The same for any stored file, which is left where it is. @param what path inside the store */
  problemOf(
    what: string,
    digest: string,
    { size, full = false }: { size: number; full?: boolean },
  ): string | undefined {
    const path = `${this.store}/${what}`;
    const info = statIfThere(path);
    if (info === undefined) return MISSING;
    if (!info.isFile) return "is not a file";
    if (info.size !== size) return `has ${info.size} bytes instead of ${size}`;
    const sealed = info.mtime?.getTime() === STORED_TIME * 1000;
    if (sealed && !full) return undefined;
    if (digestFile(path).digest !== digest) {
      return "does not have the content that its name says";
    }
    if (!sealed) sealAgain(path);
    return undefined;
  }

  /** Reports what is wrong with an object; what is there of it is set aside. */
  damaged(digest: string, problem: string): Damage {
    return problem === MISSING ? this.#missing(digest) : this.#setAside(digest, problem);
  }

  #missing(digest: string): Damage {
    const damage = { what: this.name(digest), problem: MISSING };
    this.report(damage);
    return damage;
  }

  #setAside(digest: string, problem: string): Damage {
    return this.setAside(this.name(digest), problem);
  }

  /** Moves a broken file out of the way and reports it. @param what path inside the store */
  setAside(what: string, problem: string): Damage {
    const damage = { what, problem };
    const base = what.slice(what.lastIndexOf("/") + 1);
    const aside = `${this.store}/quarantine/${base}.${crypto.randomUUID().slice(0, 8)}`;
    try {
      moveInto(`${this.store}/${what}`, aside);
      // The same inode may stand in materialised folders: without its seal it is noticed there too.
      Deno.utimeSync(aside, new Date(), new Date());
    } catch (error) {
      // Gone already, or not ours to move: it counts as broken all the same.
      if (!hasCode(error, "ENOENT", "EPERM", "EACCES", "EROFS")) throw error;
    }
    this.report(damage);
    return damage;
  }
}

/** @returns false in another person's store: the content is right, but nobody can say so */
function sealAgain(path: string): boolean {
  try {
    seal(path);
    return true;
  } catch (error) {
    if (!hasCode(error, "EPERM", "EACCES", "EROFS")) throw error;
    return false;
  }
}
