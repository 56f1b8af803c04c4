/**
 * Gathers from a stage's events what its record keeps.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";
import type { StageEvent } from "./events.ts";

/** The part of a record that comes from events. */
export type Reported = Pick<ActionRecord, "metrics" | "tables" | "curves">;

/**
 * Metrics and tables are those of the attempt that finished. Curves are joined over all attempts: one
 * that went on from a checkpoint does not draw the first half again, and one that started anew
 * draws over it, step by step.
 */
export class Collector {
  #metrics: Reported["metrics"] = {};
  #tables: Reported["tables"] = [];
  #curves = new Map<string, Map<number, number>>();
  #reads = new Map<string, string[]>();
  #tellsReads: boolean | undefined;

  /** Takes the next event. */
  add(event: StageEvent): void {
    switch (event.type) {
      case "begun":
        this.#metrics = {};
        this.#tables = [];
        this.#tellsReads = (this.#tellsReads ?? true) && event.tellsReads === true;
        break;
      case "read":
        this.#reads.set(JSON.stringify(event.path), event.path);
        break;
      case "metric":
        this.#metrics[event.name] = event.value;
        break;
      case "table":
        this.#tables.push({ title: event.title, columns: event.columns, rows: event.rows });
        break;
      case "point": {
        const curve = this.#curves.get(event.name) ?? new Map<number, number>();
        curve.set(event.step, event.value);
        this.#curves.set(event.name, curve);
        break;
      }
      default: // seen live, not kept
    }
  }

  /**
   * The params that any attempt has read: one that goes on from a checkpoint builds on what those before
   * it have read. Undefined if one of them did not tell.
   */
  get reads(): string[][] | undefined {
    return this.#tellsReads ? [...this.#reads.values()] : undefined;
  }

  /** All there is, names sorted, points in order of steps. */
  result(): Reported {
    const curves = [...this.#curves].sort(([a], [b]) => a < b ? -1 : 1).map((
      [name, points],
    ): [string, [number, number][]] => [name, [...points].sort(([a], [b]) => a - b)]);
    return {
      metrics: this.#metrics,
      tables: this.#tables,
      curves: Object.fromEntries(curves),
    };
  }
}
