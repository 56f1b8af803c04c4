/**
 * What running programs use of a store, so that collecting what is superfluous leaves it alone.
 *
 * ```
 * lock                       locked by who looks something up (shared) or removes (exclusive)
 * present/<owner>/since      its time of last change is when the program opened the store
 * present/<owner>/uses       keys of results that it builds on, one a line
 * ```
 *
 * A look-up and the note of it happen under one lock, so whoever removes finds the note or is first.
 * What a program makes, or finds already there while it makes something, bears a later time than
 * `since`: the time of last change, which nobody can set back.
 *
 * @module
 */
import {
  followIfThere,
  hasCode,
  isUnwritable,
  namesIn,
  readIfThere,
  removeIfThere,
} from "./files.ts";
import { removeLeftovers } from "./leftovers.ts";
import { lifeOf, ownerOf, ownName } from "./owner.ts";

/** The store's lock. */
const LOCK = "lock";

/** Folders of owners in a store. */
const PRESENT = "present";

/** Milliseconds: clocks that follow others take smaller steps all the time. */
const JUMP = 1000;

/** Of programs elsewhere, which cannot be asked, it is believed so long that they are still here. */
const LONGEST_RUN = 60 * 24 * 3600 * 1000;

/** A program that has a store open. */
export interface Present {
  /** Absolute path of its notes. */
  folder: string;
  /** When it opened the store, by the clock of the disk, in milliseconds, rounded down as Deno does. */
  since: number;
}

/** One program's side. */
export class Presence {
  #folder: string | undefined;
  #lock: Deno.FsFile | undefined;
  /** How far the clock was ahead of one that is never set, when the disk was last asked. */
  #ahead = 0;
  #used = new Set<string>();
  #unsaid: string[] = [];

  /** @param store absolute path */
  constructor(readonly store: string) {}

  /**
   * Says that this program is here and will note what it uses.
   *
   * @returns the time by the clock of the disk, in milliseconds
   */
  begin(): number {
    const folder = `${this.store}/${PRESENT}/${ownName()}`;
    Deno.mkdirSync(folder, { recursive: true });
    Deno.openSync(`${this.store}/${LOCK}`, { create: true, append: true }).close();
    Deno.writeTextFileSync(`${folder}/since`, "");
    this.#folder = folder;
    this.#ahead = ahead();
    const now = timeOf(Deno.statSync(`${folder}/since`).mtime);
    removeLeftovers(`${this.store}/${PRESENT}`, now, LONGEST_RUN);
    return now;
  }

  /** Says that this program has gone. */
  end(): void {
    if (this.#folder !== undefined) removeIfThere(this.#folder);
    this.#folder = undefined;
  }

  /** Nothing is removed from here on until this turn of the event loop is over. */
  hold(): void {
    if (this.#lock) return;
    if (this.#ahead - ahead() > JUMP) this.#beginAgain();
    try {
      this.#lock = Deno.openSync(`${this.store}/${LOCK}`);
      this.#lock.lockSync(false);
    } catch (error) {
      // Where there is no lock, nothing is removed beside running programs.
      if (!isUnlockable(error)) throw error;
    }
    if (this.#lock) queueMicrotask(() => this.#release());
  }

  /**
   * The clock was set back: if that of the disk was too, what this program makes from here on looks
   * older than its beginning, and so that is now.
   */
  #beginAgain(): void {
    this.#ahead = ahead();
    if (this.#folder === undefined) return;
    try {
      const [since, now] = [`${this.#folder}/since`, `${this.#folder}/now`];
      Deno.writeTextFileSync(now, "");
      const wasSetBack = timeOf(Deno.statSync(now).ctime) < timeOf(Deno.statSync(since).ctime);
      if (wasSetBack) Deno.writeTextFileSync(since, "again"); // not every disk notes an empty write
      Deno.removeSync(now);
    } catch (error) {
      // No room for a note; and who removes sees that this program's beginning has yet to come.
      if (!isUnwritable(error) && !hasCode(error, "ENOENT")) throw error;
    }
  }

  /** Keeps the result with a key, and all it consists of, while this program is here. */
  use(key: string): void {
    this.hold();
    if (this.#folder === undefined || this.#used.has(key)) return;
    this.#used.add(key);
    this.#unsaid.push(key);
  }

  #release(): void {
    try {
      if (this.#folder !== undefined && this.#unsaid.length > 0) {
        const lines = this.#unsaid.map((key) => `${key}\n`).join("");
        Deno.writeTextFileSync(`${this.#folder}/uses`, lines, { append: true });
      }
      this.#unsaid = [];
    } catch (error) {
      // No room for the note: the lock itself is one, for as long as this program is here.
      if (hasCode(error, "ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES", "EPERM")) return;
      if (!hasCode(error, "ENOENT")) throw error; // the whole store is gone
    }
    this.#lock?.close();
    this.#lock = undefined;
  }
}

/** Programs that have a store open. */
export function whoIsPresent(store: string): Present[] {
  const found: Present[] = [];
  for (const name of namesIn(`${store}/${PRESENT}`)) {
    const folder = `${store}/${PRESENT}/${name}`;
    const owner = ownerOf(name);
    if (owner !== undefined && lifeOf(owner) === "dead") continue;
    const info = followIfThere(`${folder}/since`);
    if (info) found.push({ folder, since: timeOf(info.ctime) }); // else it has not begun, or has ended
  }
  return found;
}

/** Keys that a program has noted. */
export function usesOf({ folder }: Present): string[] {
  return (readIfThere(`${folder}/uses`) ?? "").split("\n").slice(0, -1);
}

/** Does something while nobody looks anything up, if that is possible at this moment. */
export function lockAlone(store: string, remove: () => void): "done" | "busy" | "impossible" {
  using lock = Deno.openSync(`${store}/${LOCK}`, { create: true, read: true, write: true });
  try {
    if (!lock.tryLockSync(true)) return "busy";
  } catch (error) {
    if (isUnlockable(error)) return "impossible";
    throw error;
  }
  remove();
  return "done";
}

function isUnlockable(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EACCES", "EPERM");
}

function ahead(): number {
  return Date.now() - performance.now();
}

function timeOf(date: Date | null): number {
  return date?.getTime() ?? 0;
}
