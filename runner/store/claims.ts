/**
 * Who works on a key: of several runners on one store, one runs a stage and the others wait for it.
 *
 * ```
 * claims/<key>/<owner>    the owner's name (owner.ts); a number in it rises while the owner lives
 * ```
 *
 * Three operations of the filesystem carry it, each all or nothing: a folder with the owner's file in
 * it is moved to the key's place, which fails where one is; a dead owner's file is renamed to one's
 * own, which fails for all but the first who tries; the file is removed. An owner whom this machine
 * can be asked about is dead when its process is. Of others the number is watched, because clocks of
 * two machines prove nothing: it has to stand still for a minute, or what SR4IR_SILENCE says.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { type AtomicFiles, hasCode, readIfThere, removeIfThere, statIfThere } from "./files.ts";
import { lifeOf, type Owner, ownerOf, ownName } from "./owner.ts";
import { onPulse } from "./pulse.ts";

/** A key that this process alone works on. */
export interface Claim {
  /** Aborted when another runner has taken the key over, because this one seemed dead to it. */
  lost: AbortSignal;
  /** Looks whether it is still ours. */
  isHeld(): boolean;
  /** Lets others have the key. */
  release(): void;
}

/** What came of asking for a key; `heldBy` is undefined for an owner with an unreadable name. */
export type Taken = { claim: Claim } | { heldBy: Pick<Owner, "host" | "pid"> };

/** Who holds a key. */
export interface ClaimHolder {
  host: string;
  pid: number;
  /** Milliseconds since 1970, by the clock of the disk, of its last sign of life. */
  signedAt: number;
}

/** How often owners say that they live, and when the silence of one counts as death. */
export interface Rhythm {
  /** Milliseconds between two signs of life. */
  beat: number;
  /** Milliseconds of watching without a sign after which an owner elsewhere is dead. */
  silence: number;
  /** Milliseconds, rising. */
  now(): number;
}

/** Seconds; for file systems that are later than most, or people who wait for nobody. */
const SILENCE = "SR4IR_SILENCE";

/** Less would be a matter of a slow disk. Seconds. */
const SHORTEST = 3;

/** @throws {UserError} if the environment says something else than a time */
function usualRhythm(): Rhythm {
  const value = Deno.env.get(SILENCE) || "60";
  const seconds = Number(value);
  if (seconds >= SHORTEST && seconds < Infinity) {
    return { beat: 1000, silence: seconds * 1000, now: () => performance.now() };
  }
  throw new UserError({
    message: `${SILENCE} is "${value}", not a number of seconds from ${SHORTEST} up`,
    notes: ["it says after what silence a runner on another machine counts as dead; default 60"],
  });
}

/** What one look at an owner can add to its silence: who was stopped in between has not watched. */
const LOOK = 2000;

/** A signal has always so many digits: overwriting it in place needs no room on a full disk. */
const DIGITS = 12;

interface Held {
  file: string;
  lost: AbortController;
}

/** The claims of a store, as one process sees them. */
export class Claims {
  readonly #held = new Map<string, Held>();
  readonly #watched = new Map<string, { sign: string; silent: number; lookedAt: number }>();
  #beats = 0;
  #beatenAt = 0;
  #stop: (() => void) | undefined;

  /**
   * @param folder absolute path; made when it is needed
   * @param files on the same filesystem
   */
  constructor(
    readonly folder: string,
    readonly files: AtomicFiles,
    readonly rhythm: Rhythm = usualRhythm(),
  ) {}

  /** Takes a key, if nobody who lives has it. */
  take(key: string): Taken {
    const own = ownName();
    for (;;) {
      const holder = this.#holder(key);
      if (holder === undefined) {
        if (this.#create(key, own)) return this.#hold(key, own);
        continue; // another was quicker
      }
      const owner = ownerOf(holder);
      if (owner !== undefined && !this.#isGone(`${key}/${holder}`, owner)) {
        return { heldBy: { host: owner.host, pid: owner.pid } };
      }
      if (this.#takeOver(key, holder, own)) return this.#hold(key, own);
    }
  }

  /** Looks who has a key, without asking for it; one elsewhere counts as alive. */
  look(key: string): ClaimHolder | undefined {
    const holder = this.#holder(key);
    const owner = holder === undefined ? undefined : ownerOf(holder);
    const info = statIfThere(`${this.folder}/${key}/${holder}`);
    if (owner === undefined || info === undefined || lifeOf(owner) === "dead") return undefined;
    return { host: owner.host, pid: owner.pid, signedAt: info.mtime?.getTime() ?? 0 };
  }

  /** Removes the claims of the dead. */
  sweep(): void {
    for (const key of this.#keys()) {
      const holder = this.#holder(key);
      const owner = holder === undefined ? undefined : ownerOf(holder);
      if (owner !== undefined && lifeOf(owner) !== "dead") continue;
      const taken = this.take(key);
      if ("claim" in taken) taken.claim.release();
    }
  }

  #keys(): string[] {
    try {
      return [...Deno.readDirSync(this.folder)].map(({ name }) => name);
    } catch (error) {
      if (hasCode(error, "ENOENT")) return [];
      throw error;
    }
  }

  /** Name of the file in a key's folder; undefined if there is none, or no folder. */
  #holder(key: string): string | undefined {
    try {
      const [first] = Deno.readDirSync(`${this.folder}/${key}`);
      return first?.name;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  #create(key: string, own: string): boolean {
    const fresh = this.files.newName();
    Deno.mkdirSync(fresh);
    Deno.writeTextFileSync(`${fresh}/${own}`, sign(0));
    Deno.mkdirSync(this.folder, { recursive: true });
    try {
      removeEmpty(`${this.folder}/${key}`); // not every system moves a folder onto another
      Deno.renameSync(fresh, `${this.folder}/${key}`);
      return true;
    } catch (error) {
      removeIfThere(fresh);
      if (hasCode(error, "ENOTEMPTY", "EEXIST")) return false;
      throw error;
    }
  }

  #takeOver(key: string, holder: string, own: string): boolean {
    const folder = `${this.folder}/${key}`;
    try {
      Deno.renameSync(`${folder}/${holder}`, `${folder}/${own}`);
      return true;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return false;
      throw error;
    } finally {
      this.#watched.delete(`${key}/${holder}`);
    }
  }

  #isGone(name: string, owner: Owner): boolean {
    const life = lifeOf(owner);
    if (life !== "elsewhere") return life === "dead";
    const now = this.rhythm.now();
    const sign = readIfThere(`${this.folder}/${name}`);
    const known = this.#watched.get(name);
    const same = known !== undefined && known.sign === sign;
    const silent = same ? known.silent + Math.min(LOOK, now - known.lookedAt) : 0;
    // A file that is gone is no silence: the next look finds out who has the key now.
    if (sign === undefined) this.#watched.delete(name);
    else this.#watched.set(name, { sign, silent, lookedAt: now });
    return silent > this.rhythm.silence;
  }

  #hold(key: string, own: string): { claim: Claim } {
    const held: Held = { file: `${this.folder}/${key}/${own}`, lost: new AbortController() };
    this.#held.set(key, held);
    this.#start();
    return {
      claim: {
        lost: held.lost.signal,
        isHeld: () => this.#held.get(key) === held && statIfThere(held.file) !== undefined,
        release: () => {
          if (this.#held.get(key) !== held) return;
          this.#forget(key);
          giveUp(held.file, `${this.folder}/${key}`);
        },
      },
    };
  }

  #start(): void {
    if (this.#stop !== undefined) return;
    const timer = setInterval(() => this.#beat(), this.rhythm.beat);
    Deno.unrefTimer(timer); // alone it is no reason to live on
    const endPulse = onPulse(() => this.#beat());
    this.#stop = () => {
      clearInterval(timer);
      endPulse();
    };
  }

  #forget(key: string): void {
    this.#held.delete(key);
    if (this.#held.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Says that this process lives. */
  #beat(): void {
    const now = this.rhythm.now();
    if (now - this.#beatenAt < this.rhythm.beat / 2) return;
    this.#beatenAt = now;
    this.#beats++;
    for (const [key, { file, lost }] of this.#held) {
      try {
        using open = Deno.openSync(file, { write: true });
        open.writeSync(new TextEncoder().encode(sign(this.#beats)));
      } catch (error) {
        if (!hasCode(error, "ENOENT")) continue; // a bad moment of the disk; the next beat is near
        this.#forget(key);
        lost.abort();
      }
    }
  }
}

function sign(beats: number): string {
  return String(beats).padStart(DIGITS, "0");
}

function giveUp(file: string, folder: string): void {
  try {
    removeIfThere(file);
    removeEmpty(folder);
  } catch (error) {
    // No longer ours to write to: it ends with this process.
    if (!hasCode(error, "EROFS", "EACCES", "EPERM")) throw error;
  }
}

function removeEmpty(folder: string): void {
  try {
    Deno.removeSync(folder);
  } catch (error) {
    // Others have it now.
    if (!hasCode(error, "ENOENT", "ENOTEMPTY", "EEXIST")) throw error;
  }
}
