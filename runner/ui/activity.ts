/**
 * One running stage as text, as wide as there is room for.
 *
 * @module
 */
import { formatAmount, formatRate, formatSeconds, formatValue, formatWait } from "./format.ts";
import { Meter } from "./meter.ts";

/** What the last progress report said. */
export interface Progress {
  done: number;
  total: number;
  unit: string;
  metrics: Record<string, number>;
}

const BAR = 16;

/** A stage, or a download, that is under way. Times are in seconds. */
export class Activity {
  #meter = new Meter();
  #progress: Progress | undefined;

  /** @param note stands behind all else, e.g. `on GPU 0` */
  constructor(readonly id: string, readonly startedAt: number, readonly note: string = "") {}

  /** Takes a progress report. */
  update(progress: Progress, time: number): void {
    this.#progress = progress;
    this.#meter.update(progress.done, progress.total, time);
  }

  /** Parts in order of worth: how much, how fast, how long still, metrics; or how long already. */
  parts(time: number): string[] {
    const progress = this.#progress;
    if (!progress) return [formatSeconds(time - this.startedAt), this.note].filter(Boolean);
    const parts = progressParts(progress, this.#meter.rate, this.#meter.remaining(time));
    return [...parts, this.note].filter((part) => part !== "");
  }

  /** E.g. `██████░░░░  57%`; nothing while the end is not known. */
  bar(): string {
    return this.#progress ? progressBar(this.#progress) : "";
  }

  /**
   * All of it in one line.
   *
   * @param idWidth characters for the id, so that lines stand in columns
   * @param width characters in all; what does not fit is left out from the end
   */
  line(time: number, idWidth: number, width: number): string {
    let line = fit(this.id, Math.min(idWidth, width));
    for (const part of [this.bar(), ...this.parts(time)]) {
      if (part === "") continue;
      if (line.length + 2 + part.length > width) break;
      line += `  ${part}`;
    }
    return line;
  }
}

/**
 * Parts in order of worth: how much, how fast, how long still, metrics.
 *
 * @param rate units per second; 0 if it is not known
 * @param remaining seconds
 */
export function progressParts(
  { done, total, unit, metrics }: Progress,
  rate: number,
  remaining: number | undefined,
): string[] {
  return [
    formatAmount(done, total, unit),
    formatRate(rate, unit),
    remaining === undefined || done >= total ? "" : `${formatWait(remaining)} left`,
    ...Object.entries(metrics).map(([name, value]) => `${name} ${formatValue(value)}`),
  ].filter((part) => part !== "");
}

/** E.g. `██████░░░░  57%`; nothing where the end is not known. */
export function progressBar({ done, total }: Progress): string {
  if (total <= 0) return "";
  const share = Math.min(1, Math.max(0, done / total));
  const full = Math.floor(share * BAR);
  return `${"█".repeat(full)}${"░".repeat(BAR - full)} ${
    String(Math.floor(share * 100)).padStart(3)
  }%`;
}

/** Cuts or pads to a width; the end of an id tells more than its middle. */
export function fit(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  if (width < 4) return text.slice(0, width);
  const head = Math.ceil((width - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}
