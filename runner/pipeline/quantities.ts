/**
 * Sizes and times as people write them: `2GiB`, `1h30m`.
 *
 * @module
 */

const BYTES: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Bytes of `2GiB`, `500 MB`, `1048576`; undefined if the text says no size above zero. */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?b)?\s*$/i.exec(text);
  if (!match) return undefined;
  const bytes = Math.round(Number(match[1]) * (BYTES[(match[2] ?? "b").toLowerCase()] ?? NaN));
  return bytes > 0 ? bytes : undefined;
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90s`, `30m`, `1h30m`, `2d`; undefined if the text says no time above zero. */
export function parseSeconds(text: string): number | undefined {
  if (!/^\s*(\d+(\.\d+)?\s*[smhd]\s*)+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([smhd])/g)) {
    seconds += Number(amount) * SECONDS[unit];
  }
  return seconds > 0 ? seconds : undefined;
}
