/**
 * Letters as polylines: the fine structure that tells the embedded dataset's classes apart.
 *
 * All are mirror-symmetric, so that mirroring a picture changes no class.
 *
 * @module
 */

/** Points x, y in the unit box, y downwards. */
export type Polyline = readonly (readonly [number, number])[];

const RING: Polyline = [
  [.25, 0],
  [.75, 0],
  [1, .25],
  [1, .75],
  [.75, 1],
  [.25, 1],
  [0, .75],
  [0, .25],
  [.25, 0],
];

/** Strokes of each letter. */
export const LETTERS: Readonly<Record<string, readonly Polyline[]>> = {
  A: [[[0, 1], [.5, 0], [1, 1]], [[.2, .62], [.8, .62]]],
  H: [[[0, 0], [0, 1]], [[1, 0], [1, 1]], [[0, .5], [1, .5]]],
  M: [[[0, 1], [0, 0], [.5, .6], [1, 0], [1, 1]]],
  O: [RING],
  U: [[[0, 0], [0, .75], [.25, 1], [.75, 1], [1, .75], [1, 0]]],
  W: [[[0, 0], [0, 1], [.5, .4], [1, 1], [1, 0]]],
  X: [[[0, 0], [1, 1]], [[0, 1], [1, 0]]],
  "8": [RING, [[0, .5], [1, .5]]],
  Y: [[[0, 0], [.5, .5], [1, 0]], [[.5, .5], [.5, 1]]],
  V: [[[0, 0], [.5, 1], [1, 0]]],
  T: [[[0, 0], [1, 0]], [[.5, 0], [.5, 1]]],
  I: [[[.5, 0], [.5, 1]], [[.2, 0], [.8, 0]], [[.2, 1], [.8, 1]]],
};

/** The classes of the dataset, in the order of their ids 1 … 8. */
export const CLASSES = ["A", "H", "M", "O", "U", "W", "X", "8"] as const;

/** Letters for pre-training: the classes and four more, so that it learns strokes, not the classes. */
export const CROP_CLASSES = [...CLASSES, "Y", "V", "T", "I"] as const;
