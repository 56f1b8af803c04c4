/**
 * Segmentation: the scores of every pixel, and those of an auxiliary head where there is one, which
 * the original runs in evaluation too.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Segmenter } from "../../nn/contracts.ts";
import type { Params } from "../../nn/params.ts";
import type { Role } from "../role.ts";

/** What a file of `models/segmentation/` exports. */
interface SegmenterModule {
  build(p: Params, options: Record<string, unknown>): Segmenter;
}

/** What `ml/cost/roles/<name>.ts` exports. */
export const role: Role = {
  build(p, module, options, { size, classes }) {
    const net = (module as SegmenterModule).build(p, { ...options, num_classes: classes });
    return {
      input: size,
      async pass(images) {
        const logits = net.logits(images, "eval");
        await Promise.all([logits.out.data(), logits.aux?.data()]);
        tf.dispose([logits.out, ...logits.aux === undefined ? [] : [logits.aux]]);
      },
    };
  },
};
