/**
 * Which stored results go: first those that nobody needs or has used for long, then those that save
 * the least time for the room they take.
 *
 * @module
 */
import type { Contents, Holding } from "./holdings.ts";

/** What shall stay and what may go. */
export interface Policy {
  /** Keys that stay whatever else is said. */
  keep: ReadonlySet<string>;
  /** What was last used before this time goes, in milliseconds; undefined: age alone is no reason. */
  usedBefore?: number;
  /** Then more goes until the store is this small, in bytes. */
  maxBytes?: number;
  /** In milliseconds. */
  now: number;
}

/** A result that goes. */
export interface Doomed {
  holding: Holding;
  /** What its going frees, given that those before it in the list go too. */
  bytes: number;
  why: "unused" | "size";
}

/** A result is worth half as much after being unused for this long, in milliseconds. */
const HALF_LIFE = 30 * 24 * 3600 * 1000;

/**
 * Chooses.
 *
 * @param other bytes of the store that belong to no result
 * @returns those that go, in the order of their going, and the size of what stays
 */
export function chooseDoomed(
  holdings: Holding[],
  contents: Pick<Contents, "of">,
  { keep, usedBefore, maxBytes, now }: Policy,
  other = 0,
): { doomed: Doomed[]; bytes: number } {
  const users = new Map<string, number>(); // object → results that need it
  let total = other;
  for (const holding of holdings) {
    total += holding.recordBytes;
    for (const [object, size] of contents.of(holding)) {
      const count = users.get(object) ?? 0;
      if (count === 0) total += size;
      users.set(object, count + 1);
    }
  }

  const doomed: Doomed[] = [];
  const remove = (holding: Holding, why: Doomed["why"]) => {
    let bytes = holding.recordBytes;
    for (const [object, size] of contents.of(holding)) {
      const left = (users.get(object) ?? 0) - 1;
      users.set(object, left);
      if (left === 0) bytes += size;
    }
    total -= bytes;
    doomed.push({ holding, bytes, why });
  };

  const free = holdings.filter(({ key }) => !keep.has(key));
  const isOld = ({ usedAt }: Holding) => usedBefore !== undefined && usedAt < usedBefore;
  for (const holding of free.filter(isOld)) remove(holding, "unused");
  if (maxBytes !== undefined && total > maxBytes) {
    /** What several results share counts in parts. */
    const share = (holding: Holding) =>
      [...contents.of(holding)].reduce(
        (sum, [object, size]) => sum + size / (users.get(object) ?? 1),
        holding.recordBytes,
      );
    const worth = ({ seconds, usedAt }: Holding) =>
      seconds * 2 ** (-Math.max(0, now - usedAt) / HALF_LIFE);
    const rest = free.filter((holding) => !isOld(holding))
      .map((holding) => ({ holding, worth: worth(holding) / share(holding) }))
      .sort((a, b) => a.worth - b.worth || a.holding.usedAt - b.holding.usedAt);
    for (const { holding } of rest) {
      if (total <= maxBytes) break;
      remove(holding, "size");
    }
  }
  return { doomed, bytes: total };
}
