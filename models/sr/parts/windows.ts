/**
 * Windows of a map: which cells share one, in which order, and which of them must not see each other.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Windows of w·w cells, all shifted alike, on maps of any size. */
export interface WindowGrid {
  /** Cells per side of a window, w. */
  side: number;
  /**
   * By how many cells the windows are shifted down and right. What leaves the map at one side comes
   * in at the other, so windows at the bottom and at the right hold cells from both.
   */
  shift: number;
  /**
   * What is added to the attention of windows that are shifted, by their kind.
   *
   * [4, w², w²]: 0 for cells that belong together, -100 for those that only the shift has brought
   * together.
   */
  masks: Float32Array | undefined;
  /** The windows of a map whose sides are multiples of w; remembered. */
  on(H: number, W: number): Windows;
}

/** The windows of one map. */
export interface Windows {
  /** [H·W] numbers of the cells, window by window, row by row inside each. */
  cells: Int32Array;
  /** [H·W] where in {@link cells} each cell stands. */
  places: Int32Array;
  /** [H·W/w²] kind of each window: 0 inside the map, +1 at its right, +2 at its bottom border. */
  kinds: Int32Array;
}

/** Makes a grid; cheap, but to be shared by the layers that use the same. */
export function windowGrid(side: number, shift: number): WindowGrid {
  const known = new Map<string, Windows>();
  return {
    side,
    shift,
    masks: shift === 0 ? undefined : masksOf(side, shift),
    on(H, W) {
      const size = `${H}x${W}`;
      const windows = known.get(size) ?? windowsOf(H, W, side, shift);
      known.set(size, windows);
      return windows;
    },
  };
}

function windowsOf(H: number, W: number, w: number, shift: number): Windows {
  const cells = new Int32Array(H * W);
  const places = new Int32Array(H * W);
  const kinds = new Int32Array(H * W / w ** 2);
  let place = 0;
  for (let top = 0; top < H; top += w) {
    for (let left = 0; left < W; left += w) {
      kinds[place / w ** 2] = 2 * Number(top + w === H) + Number(left + w === W);
      for (let i = 0; i < w ** 2; i++) {
        const y = (top + Math.floor(i / w) + shift) % H;
        const x = (left + i % w + shift) % W;
        cells[place] = y * W + x;
        places[cells[place]] = place++;
      }
    }
  }
  return { cells, places, kinds };
}

function masksOf(w: number, shift: number): Float32Array {
  const masks = new Float32Array(4 * w ** 4);
  let next = 0;
  for (const [bottom, right] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
    const sides = Array.from({ length: w ** 2 }, (_, i) => {
      const [y, x] = [Math.floor(i / w), i % w];
      return 2 * bottom * Number(y >= w - shift) + right * Number(x >= w - shift);
    });
    for (const a of sides) for (const b of sides) masks[next++] = a === b ? 0 : -100;
  }
  return masks;
}

/** The same cells in another order. The gradient is the order back, where tfjs would sum. */
export function reorder(x: tf.Tensor3D, order: Int32Array, back: Int32Array): tf.Tensor3D {
  const own = tf.customGrad<tf.Tensor3D>((x) => ({
    value: tf.gather(x as tf.Tensor3D, order, 1),
    gradFunc: (dy) => tf.gather(dy, back, 1),
  }));
  return own(x);
}

/**
 * Continues a map at the bottom and right by its mirror image, up to multiples of w: PyTorch's
 * `reflect`, but a map that is too small for it is mirrored again and again.
 *
 * @param x [B, h, w, C]
 */
export function padToWindows(x: tf.Tensor4D, w: number): tf.Tensor4D {
  return [1, 2].reduce((x, axis) => {
    const size = x.shape[axis];
    const padded = Math.ceil(size / w) * w;
    return padded === size ? x : tf.gather(x, mirrored(size, padded), axis);
  }, x);
}

/** The numbers 0 … size-1, then down to 0, then up again …: `count` of them. */
function mirrored(size: number, count: number): Int32Array {
  const period = Math.max(1, 2 * (size - 1));
  return Int32Array.from({ length: count }, (_, i) => Math.min(i % period, period - i % period));
}
