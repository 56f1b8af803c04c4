/**
 * What a stage tells the runner while it works: lines of JSON, appended to a file.
 *
 * A file, not a pipe, so that nothing is lost when the runner looks away, and so that a stage on
 * another machine reports in the same way through a shared folder.
 *
 * @module
 */

/** One line of a stage's event file. `at`: milliseconds since 1970, by the clock of its machine. */
export type StageEvent = { at?: number } & StageReport;

/** What a line says. */
type StageReport =
  /** A process starts at the stage; what was reported before was another's. */
  | {
    type: "begun";
    /** It tells what it reads of its params; processes of older versions did not. */
    tellsReads?: true;
  }
  /** It has read a param, for the first time. */
  | { type: "read"; path: string[] }
  | {
    type: "progress";
    done: number;
    total: number;
    unit: string;
    metrics: Record<string, number>;
  }
  | { type: "point"; name: string; step: number; value: number }
  | { type: "metric"; name: string; value: number | null }
  | { type: "table"; title: string; columns: string[]; rows: (string | number | null)[][] }
  | { type: "log"; line: string }
  /** Bytes that its process has had, as far as it can tell; said once, at its end. */
  | { type: "memory"; bytes: number }
  | { type: "failed"; failure: StageFailure };

/** Why a stage did not finish, as its process saw it. */
export interface StageFailure {
  /**
   * `mistake`: a person can mend it, the message says how. `denied`: the stage touched what it did
   * not declare. `error`: the program is wrong, the log has the stack.
   */
  kind: "mistake" | "denied" | "error";
  message: string;
}

/** Reads a growing file of events, a piece at a time. */
export class EventReader {
  #path: string;
  #offset = 0;
  #rest = "";
  #decoder = new TextDecoder();
  #buffer = new Uint8Array(64 * 1024);

  /** @param from bytes to pass over: what earlier attempts have written */
  constructor(path: string, from = 0) {
    this.#path = path;
    this.#offset = from;
  }

  /** The events written since the last call. A line that is not finished yet waits for the next. */
  read(): StageEvent[] {
    const events: StageEvent[] = [];
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(this.#path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return events; // the stage has said nothing yet
      throw error;
    }
    try {
      file.seekSync(this.#offset, Deno.SeekMode.Start);
      for (let n = file.readSync(this.#buffer); n; n = file.readSync(this.#buffer)) {
        this.#offset += n;
        this.#rest += this.#decoder.decode(this.#buffer.subarray(0, n), { stream: true });
      }
    } finally {
      file.close();
    }
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = parseEvent(line);
      if (event) events.push(event);
    }
    return events;
  }
}

/** Bytes in an event file; none if there is no such file yet. */
export function eventsLength(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}

/** One line of an event file, or undefined if it is not one: a killed process may leave half a line. */
export function parseEvent(line: string): StageEvent | undefined {
  try {
    const event: unknown = JSON.parse(line);
    return isEvent(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

const TYPES = new Set([
  "begun",
  "read",
  "progress",
  "point",
  "metric",
  "table",
  "log",
  "memory",
  "failed",
]);

function isEvent(value: unknown): value is StageEvent {
  return typeof value === "object" && value !== null && "type" in value &&
    typeof value.type === "string" && TYPES.has(value.type);
}
