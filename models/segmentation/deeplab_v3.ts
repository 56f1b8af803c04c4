/**
 * DeepLabV3 on a dilated MobileNetV3-Large, as SR4IR uses it.
 *
 * Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation", 2017. 11,029,328
 * parameters for 21 classes, the auxiliary head's 3,851 included; named as in SR4IR, where the body is
 * `backbone.0` … `backbone.16`. The pooled branch of its head is normalised over the batch alone, so
 * a training batch needs two images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { ModalLayer, Mode } from "../../ml/nn/batch_norm.ts";
import type { Segmenter } from "../../ml/nn/contracts.ts";
import { dropout } from "../../ml/nn/dropout.ts";
import { conv2d } from "../../ml/nn/layers.ts";
import type { Params } from "../../ml/nn/params.ts";
import { normalize } from "../../ml/tensor/ops/normalize.ts";
import { resizeBilinear } from "../../ml/tensor/ops/resize.ts";
import type { Stream } from "../../ml/tensor/random.ts";
import { CHANNELS, mobileNetV3Body, NORM } from "../backbones/mobilenet_v3.ts";
import { convNormRelu } from "./parts/conv_norm_relu.ts";
import { rateFactor } from "./parts/rate_factor.ts";

/** What a person may choose. */
export const options = z.strictObject({
  num_classes: z.int().min(2).default(21)
    .describe("Classes, background included; training takes it from the dataset"),
  aux: z.boolean().default(true)
    .describe("An auxiliary head on an early map, which only helps in training"),
});

/** Parsed {@link options}. */
export type Options = z.infer<typeof options>;

/** The parts of the body that end a stage. */
const STAGES = { C0: 0, C1: 2, C2: 4, C3: 7, C4: 13, C5: 16 };

/** Distances of the taps of the head's 3x3 convolutions, cells. */
const RATES = [12, 24, 36];

/** Channels of every map in the head. */
const WIDTH = 256;

/** Share of a head's last map that is dropped in training. */
const DROPOUT = { main: 0.5, aux: 0.1 };

/**
 * The maps inside by the original's names, `C0` … `C5`, at strides 2, 4, 8, 16, 16, 16; `out` and,
 * with an auxiliary head, `aux`: logits [B, H, W, K].
 */
export type Maps =
  & Record<keyof typeof STAGES | "out", tf.Tensor4D>
  & { aux?: tf.Tensor4D };

/** A head: the random numbers are for its dropout. */
type Head = (x: tf.Tensor4D, mode: Mode, random: Stream | undefined) => tf.Tensor4D;

/**
 * Declares the network.
 *
 * @returns a segmenter whose feature is the body's last map, `C5` [B, H/16, W/16, 960]
 */
export function build(p: Params, options: Options): Segmenter {
  const { maps, body } = buildMaps(p, options);
  return {
    logits: (images, mode, random) =>
      tf.tidy(() => {
        const { out, aux } = maps(normalize(images), mode, random);
        return aux === undefined ? { out } : { out, aux };
      }),
    features: (images) => tf.tidy(() => ({ C5: body(normalize(images), "eval").C5 })),
    featureWeights: { C5: 1 },
    drops: true,
    rateFactor,
  };
}

/** As {@link build}, but for images that are normalised already, and with the inner maps. */
export function buildMaps(p: Params, { num_classes, aux }: Options): {
  /** [B, H, W, 3] normalised → all maps; they belong to the caller. */
  maps: (x: tf.Tensor4D, mode: Mode, random?: Stream) => Maps;
  /** The same without the heads. */
  body: (x: tf.Tensor4D, mode: Mode) => Omit<Maps, "out" | "aux">;
} {
  const parts = mobileNetV3Body(p.at("backbone"), { norm: NORM, dilated: true });
  const head = mainHead(p.at("classifier"), CHANNELS[STAGES.C5], num_classes);
  const auxHead = aux
    ? auxiliaryHead(p.at("aux_classifier"), CHANNELS[STAGES.C2], num_classes)
    : undefined;

  const body = (x: tf.Tensor4D, mode: Mode) => {
    const outputs = parts(x, mode);
    const [C0, C1, C2, C3, C4, C5] = Object.values(STAGES).map((i) => outputs[i]);
    return { C0, C1, C2, C3, C4, C5 };
  };
  const maps = (x: tf.Tensor4D, mode: Mode, random?: Stream) => {
    const [, H, W] = x.shape;
    const draw = mode === "train" ? random : undefined;
    const stages = body(x, mode);
    const out = resizeBilinear(head(stages.C5, mode, draw), [H, W]); // [B, H, W, K]
    if (auxHead === undefined) return { ...stages, out };
    const aux = resizeBilinear(auxHead(stages.C2, mode, draw), [H, W]); // [B, H, W, K]
    return { ...stages, out, aux };
  };
  return { maps, body };
}

/** `0`: the pyramid; `1`, `2`: a convolution and its normalisation; `4`: the logits. */
function mainHead(p: Params, C: number, K: number): Head {
  const pyramid = atrousPyramid(p.at(0), C);
  const hidden = convNormRelu(p.at(1), p.at(2), { in: WIDTH, out: WIDTH, k: 3 });
  const logits = conv2d(p.at(4), WIDTH, K, 1);
  return (x, mode, random) =>
    tf.tidy(() => logits(hidden(dropout(pyramid(x, mode), DROPOUT.main, random), mode)));
}

/**
 * Atrous spatial pyramid pooling: the map as it is, seen at three distances, and as a whole.
 *
 * @returns [B, h, w, C] → [B, h, w, 256]
 */
function atrousPyramid(p: Params, C: number): ModalLayer {
  const at = (i: number) => p.at("convs").at(i);
  const local = [{ k: 1, dilation: 1 }, ...RATES.map((dilation) => ({ k: 3, dilation }))]
    .map((row, i) => convNormRelu(at(i).at(0), at(i).at(1), { ...row, in: C, out: WIDTH }));
  const whole = at(local.length);
  const pooled = convNormRelu(whole.at(1), whole.at(2), { in: C, out: WIDTH, k: 1 });
  const project = convNormRelu(p.at("project.0"), p.at("project.1"), {
    in: (local.length + 1) * WIDTH,
    out: WIDTH,
    k: 1,
  });
  return (x, mode) =>
    tf.tidy(() => {
      const [, h, w] = x.shape;
      const mean: tf.Tensor4D = tf.mean(x, [1, 2], true); // [B, 1, 1, C]
      const everywhere = resizeBilinear(pooled(mean, mode), [h, w]); // [B, h, w, 256]
      const branches = [...local.map((branch) => branch(x, mode)), everywhere];
      return project(tf.concat(branches, 3), mode);
    });
}

/** `0`, `1`: a convolution to a quarter of the channels and its normalisation; `4`: the logits. */
function auxiliaryHead(p: Params, C: number, K: number): Head {
  const hidden = convNormRelu(p.at(0), p.at(1), { in: C, out: C / 4, k: 3 });
  const logits = conv2d(p.at(4), C / 4, K, 1);
  return (x, mode, random) => tf.tidy(() => logits(dropout(hidden(x, mode), DROPOUT.aux, random)));
}
