/**
 * Top-k accuracy: how often the right class is among the k that score highest.
 *
 * Known number: 37.5 (top 1) and 65 (top 5) for the scores of `tests/fixtures/metrics/accuracy.json`.
 *
 * @module
 */

/**
 * How many classes come before the right one. Of equal scores the first class comes first; behind a
 * score that is no number all others come.
 *
 * @param scores [K] on any scale
 * @param label 0 … K-1
 * @returns 0 if the right class is the first choice; K if its score is NaN
 */
export function rankOf(scores: ArrayLike<number>, label: number): number {
  const score = scores[label];
  let rank = 0;
  for (let k = 0; k < scores.length; k++) {
    const behind = scores[k] < score || (scores[k] === score && k >= label);
    if (!behind) rank++;
  }
  return rank;
}

/**
 * Share of the images whose class is among the first k.
 *
 * @param ranks of each image, by {@link rankOf}
 * @returns percent; null if there are no images
 */
export function topAccuracy(ranks: readonly number[], k: number): number | null {
  if (ranks.length === 0) return null;
  return 100 * ranks.filter((rank) => rank < k).length / ranks.length;
}
