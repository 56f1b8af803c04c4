/**
 * The log of a stage and what it has reported: stored, of an attempt that failed or was interrupted,
 * or still growing.
 *
 * @module
 */
import { Collector, type Reported } from "../execute/collected.ts";
import { EventReader } from "../execute/events.ts";
import type { ActionRecord } from "../plan/record.ts";
import { followIfThere, hasCode } from "../store/files.ts";
import type { Store } from "../store/store.ts";

/** Where a log stands now. */
export interface StageLog {
  /** `stored`: of a result; `unfinished`: nobody is at work, and there is no result. */
  state: "stored" | "running" | "unfinished";
  /** Path of all that the stage printed; it may be missing. */
  path: string;
}

/** What looking for logs needs of a store. */
export type LogStore = Pick<Store, "peekRecord" | "objectPath" | "work" | "whoWorksOn">;

/** Finds the log of the stage with this key; undefined if there is none. */
export function findLog(store: LogStore, key: string): StageLog | undefined {
  const { log } = store.work(key);
  const isThere = followIfThere(log) !== undefined;
  // In this order: a runner writes the record first, and lets go of the key last.
  if (isThere && store.whoWorksOn(key)) return { state: "running", path: log };
  const record = store.peekRecord(key);
  if (record) return storedLog(store, record);
  return isThere ? { state: "unfinished", path: log } : undefined;
}

/** The log that is kept with a result. */
export function storedLog(store: Pick<Store, "objectPath">, { log }: ActionRecord): StageLog {
  return { state: "stored", path: store.objectPath(log) };
}

/** What the stage with this key has reported, so far or at last. */
export function findReported(store: LogStore, key: string): Reported {
  const record = store.peekRecord(key);
  if (record && findLog(store, key)?.state === "stored") return record;
  const collector = new Collector();
  for (const event of new EventReader(store.work(key).events).read()) collector.add(event);
  return collector.result();
}

/** Reads a log piece by piece, while it grows or moves. */
export class LogReader {
  #offset = 0;
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(64 * 1024);

  /** What has come since the last piece. @returns whether there was such a file */
  read(path: string, hear: (text: string) => void): boolean {
    try {
      using file = Deno.openSync(path);
      // A new attempt of another run begins a new log.
      if (file.statSync().size < this.#offset) this.#offset = 0;
      file.seekSync(this.#offset, Deno.SeekMode.Start);
      for (let n = file.readSync(this.#buffer); n; n = file.readSync(this.#buffer)) {
        this.#offset += n;
        hear(this.#decoder.decode(this.#buffer.subarray(0, n), { stream: true }));
      }
      return true;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return false;
      throw error;
    }
  }
}

/** Cuts pieces of text into lines. */
export class LineCutter {
  #rest = "";

  /** @param hear takes a line, without its end */
  constructor(readonly hear: (line: string) => void) {}

  /** Takes the next piece. */
  add(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    lines.forEach(this.hear);
  }

  /** There is no more: the last line may have had no end. */
  end(): void {
    if (this.#rest !== "") this.hear(this.#rest);
    this.#rest = "";
  }
}
