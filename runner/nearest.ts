/**
 * The word a person may have meant: the closest of the valid ones.
 *
 * @module
 */

/**
 * Finds the word most like `word`, or undefined if none is near enough to be worth proposing.
 *
 * Near means: equal but for case and separators, or at most one slip (a letter added, lost, changed,
 * or swapped with its neighbour) for every three letters, or the beginning of exactly one word.
 */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const list = [...words];
  const plain = simplify(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of list) {
    const distance = simplify(candidate) === plain ? 0 : slips(word, candidate, bestDistance);
    // Nothing in common is not near, however short the words.
    if (distance >= Math.max(word.length, candidate.length)) continue;
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  if (best !== undefined || word.length < 2) return best;
  const longer = list.filter((candidate) => candidate.startsWith(word));
  return longer.length === 1 ? longer[0] : undefined;
}

/** `did you mean "scale"?`, or undefined if nothing is near. */
export function didYouMean(word: string, words: Iterable<string>): string | undefined {
  const found = nearest(word, words);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

function simplify(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, "");
}

/** Damerau's distance (optimal string alignment), or `limit` where it is at least that. */
function slips(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + changed);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, above] = [above, row];
  }
  return Math.min(above[b.length], limit);
}
