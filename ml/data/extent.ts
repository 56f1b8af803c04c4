/**
 * Width and height, of whatever has them.
 *
 * @module
 */

/** A size. */
export interface Extent {
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
}

/** Whether all have the first one's width and height. */
export function sameSize(sizes: readonly Extent[]): boolean {
  return sizes.every(({ width, height }) => width === sizes[0].width && height === sizes[0].height);
}
