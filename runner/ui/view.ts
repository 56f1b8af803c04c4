/**
 * What a reader of a run's events is, and the words that all of them use.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import type { Colors } from "picocolors/types";
import type { RunEvent } from "../execute/run_event.ts";
import { count, formatBytes, formatSeconds } from "./format.ts";

/** Shows a run to a person. */
export interface View {
  show(event: RunEvent): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** What a view needs to know beforehand. */
export interface ViewOptions {
  /** Ids of all stages, in order. */
  ids: string[];
  colors: Colors;
  /** Writes text that ends in a line break. */
  write: (text: string) => void;
}

/** An id wider than this pushes its line to the right instead of all lines. */
const ID_WIDTH = 36;

/** More hits than this are told as a number. */
const MANY_HITS = 30;

/** A reason that explains nothing. */
const NO_NEWS = "never run before";

/** How wide a column of these ids is. */
export function idWidth(ids: string[]): number {
  return Math.min(ID_WIDTH, Math.max(0, ...ids.map((id) => id.length)));
}

/** Events that leave lines behind, in words. Empty for those that only move a bar. */
export class Narrator {
  #hits = 0;
  #width: number;
  #colors: Colors;
  #quietHits: boolean;
  #reasons = new Map<string, string>();

  constructor({ ids, colors }: ViewOptions) {
    this.#width = idWidth(ids);
    this.#colors = colors;
    this.#quietHits = ids.length > MANY_HITS;
  }

  /** Lines to print for an event. */
  tell(event: RunEvent): string[] {
    const c = this.#colors;
    const id = "id" in event ? event.id.padEnd(this.#width) : "";
    switch (event.type) {
      case "hit":
        this.#hits++;
        if (this.#quietHits) return [];
        return [c.dim(`= ${id}  from ${event.remote ? "remote cache" : "cache"}`)];
      case "ran":
        return [
          `${c.green("✓")} ${id}  ${formatSeconds(event.seconds)}` +
          c.dim(this.#reasons.get(event.id) ?? ""),
        ];
      case "failed":
        // The end of the run tells all about it.
        return [`${c.red("✗")} ${id}  failed: ${event.failure.message.split("\n")[0]}`];
      case "retrying":
        return [
          `${c.yellow("!")} ${id}  attempt ${event.attempt} of ${event.attempts} ` +
          `${whenAndHow(event)}, because: ${event.failure.message.split("\n")[0]}`,
        ];
      case "held":
        return [
          `${c.dim("·")} ${id}  waits for another runner (${event.host}, process ${event.pid})`,
        ];
      case "skipped":
        return [c.dim(`- ${id}  skipped: ${event.reason}`)];
      case "interrupted":
        return [`${c.yellow("-")} ${id}  interrupted`];
      case "log":
        return [`${c.dim(`  ${id}`)}  ${stripVTControlCharacters(event.line)}`];
      case "notice":
        return event.text.split("\n").map((line, i) => i === 0 ? `${c.yellow("!")} ${line}` : line);
      case "started":
      case "progress":
      case "setup":
      case "setup-done":
        return [];
    }
  }

  /** Has the reason of a stage's run told together with its end. */
  keepReason(id: string, reason: string): void {
    if (reason !== NO_NEWS) this.#reasons.set(id, `  ${reason}`);
  }

  /** Said once at the end, where hits were too many to name. */
  summary(): string[] {
    if (!this.#quietHits || this.#hits === 0) return [];
    return [this.#colors.dim(`= ${count(this.#hits, "stage")} from cache`)];
  }
}

/** E.g. `in 1.1 s`, `with 4.0 GiB of memory`. */
function whenAndHow({ waitSeconds, memory }: Extract<RunEvent, { type: "retrying" }>): string {
  const wait = `in ${formatSeconds(waitSeconds)}`;
  return memory === undefined ? wait : `with ${formatBytes(memory)} of memory`;
}
