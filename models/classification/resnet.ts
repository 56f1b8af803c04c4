/**
 * ResNet, as torchvision builds it: the classifier of SR4IR.
 *
 * He et al., "Deep Residual Learning for Image Recognition", CVPR 2016. ResNet-18 has 11,277,060
 * parameters for 196 classes; named as in torchvision.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Mode } from "../../ml/nn/batch_norm.ts";
import type { Classifier } from "../../ml/nn/contracts.ts";
import { linear } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { maxPool } from "../../ml/nn/pooling.ts";
import { normalize } from "../../ml/tensor/ops/normalize.ts";
import {
  basicBlock,
  type Block,
  type BlockMaps,
  bottleneck,
  convNorm,
  EXPANSION,
} from "../backbones/parts/residual.ts";

/** What a person may choose; words and defaults are torchvision's. */
export const options = z.strictObject({
  num_classes: z.int().min(2).default(1000)
    .describe("Classes; training takes it from the dataset"),
  depth: z.literal([18, 34, 50, 101]).default(18).describe("Layers with weights"),
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/** Blocks of each of the four stages, and their kind. */
const DEPTHS = {
  18: { blocks: [2, 2, 2, 2], kind: "basic" },
  34: { blocks: [3, 4, 6, 3], kind: "basic" },
  50: { blocks: [3, 4, 6, 3], kind: "bottleneck" },
  101: { blocks: [3, 4, 23, 3], kind: "bottleneck" },
} as const;

/** Channels of the first convolution, and of the first stage's 3x3 convolutions. */
const WIDTH = 64;

/**
 * The maps inside by the original's names: `start` [B, H/4, W/4, 64] behind the pooling; `l1` …
 * `l4` of the stages, each after the first half the size of the one before; `l1a` … `l4a` the same
 * before the stage's last ReLU.
 */
export type Maps = Record<string, tf.Tensor4D>;

/**
 * Declares the network.
 *
 * @returns a classifier whose feature is the last stage's map, `l4` [B, H/32, W/32, C]
 */
export function build(p: Params, options: Options): Classifier {
  const { maps, classify } = buildMaps(p, options);
  return {
    logits: (images, mode) => tf.tidy(() => classify(maps(normalize(images), mode).l4)),
    features: (images) => tf.tidy(() => ({ l4: maps(normalize(images), "eval").l4 })),
    featureWeights: { l4: 1 },
    drops: false,
  };
}

/** As {@link build}, but for images that are normalised already, and with the inner maps. */
export function buildMaps(p: Params, { depth, num_classes }: Options): {
  /** [B, H, W, 3] normalised → the maps. */
  maps: (x: tf.Tensor4D, mode: Mode) => Maps;
  /** [B, h, w, C], the map `l4` → logits [B, num_classes]. */
  classify: (l4: tf.Tensor4D) => tf.Tensor2D;
} {
  const { blocks, kind } = DEPTHS[depth];
  const [make, expansion] = kind === "basic" ? [basicBlock, 1] : [bottleneck, EXPANSION];
  const conv = convNorm(p.at("conv1"), p.at("bn1"), 3, { k: 7, out: WIDTH, stride: 2 });
  const pool = maxPool(3, 2, 1);
  let C = WIDTH;
  const stages = blocks.map((count, i) => {
    const channels = WIDTH * 2 ** i;
    return Array.from({ length: count }, (_, j) => {
      const stride = i > 0 && j === 0 ? 2 : 1;
      const block = make(p.at(`layer${i + 1}.${j}`), { in: C, channels, stride });
      C = channels * expansion;
      return block;
    });
  });
  const fc = linear(p.at("fc"), C, num_classes);

  return {
    maps(x, mode) {
      const start = tf.tidy(() => pool(tf.relu(conv(x, mode)))); // [B, H/4, W/4, 64]
      const maps: Maps = { start };
      let y = start;
      stages.forEach((blocks, i) => {
        const { sum, output } = tf.tidy(() => inTurn(blocks, y, mode));
        maps[`l${i + 1}a`] = sum;
        maps[`l${i + 1}`] = y = output;
      });
      return maps;
    },
    classify: (l4) => tf.tidy(() => fc(tf.mean(l4, [1, 2]))), // [B, C] → [B, num_classes]
  };
}

/** What the last of some blocks makes. */
function inTurn([first, ...rest]: Block[], x: tf.Tensor4D, mode: Mode): BlockMaps {
  return rest.reduce(({ output }, block) => block(output, mode), first(x, mode));
}
