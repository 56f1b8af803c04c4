/**
 * Feature pyramid: maps of one depth, deep ones mixed into shallow ones.
 *
 * Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { constant, kaimingUniform } from "../../../ml/nn/init.ts";
import { conv2d } from "../../../ml/nn/layers.ts";
import type { Params } from "../../../ml/nn/params.ts";
import { addMaps } from "../../../ml/tensor/ops/add_maps.ts";
import { resizeNearest } from "../../../ml/tensor/ops/resize.ts";

/**
 * Declares `inner_blocks.<i>.0` and `layer_blocks.<i>.0`.
 *
 * @param inChannels of the maps, shallow first
 * @param C channels of the results
 * @returns maps → as many maps, and one more: every second cell of the last
 */
export function featurePyramid(
  p: Params,
  inChannels: readonly number[],
  C: number,
): (maps: readonly tf.Tensor4D[]) => tf.Tensor4D[] {
  const init = { init: kaimingUniform(1), biasInit: constant(0) };
  const inner = inChannels.map((n, i) => conv2d(p.at(`inner_blocks.${i}.0`), n, C, 1, init));
  const outer = inChannels.map((_, i) => conv2d(p.at(`layer_blocks.${i}.0`), C, C, 3, init));

  return (maps) => {
    const merged: tf.Tensor4D[] = [];
    let above: tf.Tensor4D | undefined;
    for (let i = maps.length - 1; i >= 0; i--) {
      const side = inner[i](maps[i]);
      const [, h, w] = side.shape;
      above = above === undefined ? side : addMaps(side, resizeNearest(above, [h, w]));
      merged.unshift(above);
    }
    const results = merged.map((map, i) => outer[i](map));
    return [...results, tf.maxPool(results[results.length - 1], 1, 2, "valid")];
  };
}
