/**
 * How fast the parts of a segmenter learn.
 *
 * @module
 */

/** As published: auxiliary heads, `aux_classifier.…`, at ten times the rate of the rest. */
export function rateFactor(name: string): number {
  return name.startsWith("aux_classifier.") ? 10 : 1;
}
