/**
 * Anchors: the boxes from which proposals are predicted.
 *
 * @module
 */
import type { Size } from "../../../ml/nn/contracts.ts";

/** The shapes at every cell of a map. */
export interface AnchorOptions {
  /** Square roots of the areas, pixels. */
  sizes: readonly number[];
  /** Height / width. */
  aspect_ratios: readonly number[];
  /** Round the corners to whole pixels, half to even, as torchvision does. */
  rounded: boolean;
}

/**
 * The shapes around (0, 0): for each ratio all sizes.
 *
 * @returns [A] boxes
 */
export function cellAnchors({ sizes, aspect_ratios, rounded }: AnchorOptions): Float32Array {
  const { fround } = Math;
  const boxes = aspect_ratios.flatMap((ratio) => {
    const tall = fround(Math.sqrt(fround(ratio)));
    const wide = fround(1 / tall);
    return sizes.flatMap((size) => {
      const [w, h] = [fround(wide * size) / 2, fround(tall * size) / 2];
      return rounded
        ? [-halfToEven(w), -halfToEven(h), halfToEven(w), halfToEven(h)]
        : [-w, -h, w, h];
    });
  });
  return Float32Array.from(boxes, (value) => value + 0); // no -0
}

/** Cells of one map and how far apart they are in the image. */
export interface Level {
  height: number;
  width: number;
}

/**
 * All anchors: map by map, row by row, cell by cell, then the shapes.
 *
 * @param cell [A] boxes around (0, 0)
 * @param batch size of the padded batch; a map's stride is floor(side / cells), with no offset
 * @returns [N] boxes
 */
export function gridAnchors(
  cell: Float32Array,
  levels: readonly Level[],
  [height, width]: Size,
): Float32Array {
  const count = levels.reduce((sum, level) => sum + level.height * level.width, 0);
  const result = new Float32Array(count * cell.length);
  let at = 0;
  for (const level of levels) {
    const [strideY, strideX] = [
      Math.floor(height / level.height),
      Math.floor(width / level.width),
    ];
    for (let row = 0; row < level.height; row++) {
      for (let column = 0; column < level.width; column++) {
        for (let k = 0; k < cell.length; k++) {
          result[at++] = cell[k] + (k % 2 === 0 ? column * strideX : row * strideY);
        }
      }
    }
  }
  return result;
}

/** How many grids are kept: batches of many sizes (photographs) must not fill the memory. */
const KEPT_GRIDS = 8;

/** {@link gridAnchors}, but the grids used last are kept: equal grids give the same array. */
export function cachedAnchors(options: AnchorOptions): (
  levels: readonly Level[],
  batch: Size,
) => Float32Array {
  const cell = cellAnchors(options);
  const kept = new Map<string, Float32Array>();
  return (levels, batch) => {
    const key = [batch, ...levels.map(({ height, width }) => [height, width])].join(";");
    const anchors = kept.get(key) ?? gridAnchors(cell, levels, batch);
    kept.delete(key); // to the end: used last
    kept.set(key, anchors);
    if (kept.size > KEPT_GRIDS) kept.delete(kept.keys().next().value ?? "");
    return anchors;
  };
}

function halfToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}
