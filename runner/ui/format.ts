/**
 * Numbers as people read them.
 *
 * @module
 */

/** E.g. `0.4 s`, `41.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** E.g. `512 B`, `3.1 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Work per time, whichever way gives a number above one: `12.3/s`, `2.1 s each`, `3.0 MiB/s`. */
export function formatRate(perSecond: number, unit: string): string {
  if (perSecond <= 0 || !Number.isFinite(perSecond)) return "";
  if (unit === "bytes") return `${formatBytes(perSecond)}/s`;
  if (perSecond >= 1) return `${perSecond >= 100 ? Math.round(perSecond) : perSecond.toFixed(1)}/s`;
  return `${formatSeconds(1 / perSecond)} each`;
}

/** Time to wait, no finer than it is known: `8 s`, `3 min 05 s`. */
export function formatWait(seconds: number): string {
  return seconds < 59 ? `${Math.ceil(seconds)} s` : formatSeconds(seconds);
}

/** How long ago, roughly, of milliseconds: `now`, `5 min`, `3 h`, `12 days`. */
export function formatAge(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  if (minutes < 1) return "now";
  if (minutes < 60) return `${Math.floor(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 60 / 24)} days`;
}

/** E.g. `120/3,000 images`, `1.2 MiB/3.4 GiB`. */
export function formatAmount(done: number, total: number, unit: string): string {
  if (unit === "bytes") {
    return total > 0 ? `${formatBytes(done)}/${formatBytes(total)}` : formatBytes(done);
  }
  const count = (value: number) => value.toLocaleString("en-US", { maximumFractionDigits: 1 });
  return total > 0 ? `${count(done)}/${count(total)} ${unit}` : `${count(done)} ${unit}`;
}

/** A metric's latest value in few characters: `0.0123`, `28.31`, `1.20e-5`. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2);
  return size >= 100
    ? value.toFixed(1)
    : value.toPrecision(4).replace(/0+$/, "").replace(/\.$/, "");
}

/** `1 stage`, `15 stages`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** So many names are listed; of more, one fewer and the number of the rest. */
const LISTED = 4;

/** `a`, `a and b`, `a, b, c and 7 more`. */
export function listed(names: string[]): string {
  if (names.length < 2) return names.join();
  if (names.length <= LISTED) return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  const rest = names.length - LISTED + 1;
  return `${names.slice(0, LISTED - 1).join(", ")} and ${rest} more`;
}

/** E.g. `on GPU 0`; empty for a stage that has none of its own. */
export function onGpus(gpus: string[] = []): string {
  return gpus.length === 0 ? "" : `on GPU${gpus.length === 1 ? "" : "s"} ${listed(gpus)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
