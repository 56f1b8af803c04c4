/**
 * LPIPS: the maps, their parts of the distance, the distance.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { Params } from "../../ml/nn/params.ts";
import { build } from "../../models/perceptual/lpips.ts";
import {
  at,
  checkImage,
  checkPlain,
  checkScalar,
  type Fixture,
  formulaTensor,
  imageOf,
  tensorSpec,
  weightsSource,
  weightsSpec,
} from "./harness.ts";

const MAPS = ["relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"];

/** Pixels that the original cuts from every side. */
const BORDER = 8;

/** Compares `networks/lpips*`. */
export default async function lpips({ inputs, weights, expected }: Fixture): Promise<void> {
  const source = weightsSource(weights);
  const { parameters } = weightsSpec.parse(weights);
  // The package splits torchvision's layers into slices: net.slice2.5 is features.5.
  const theirs = new Map(
    parameters.map(([name]) => [name.replace(/^net\.slice\d+/, "features"), name]),
  );
  const net = build(
    Params.create(0, (name, shape) => source(theirs.get(name) ?? name, shape)),
    { trunk: "vgg" },
  );
  const spec = tensorSpec.parse(at(inputs, "a"));
  const first = formulaTensor(spec);
  // "a * 0.9 + 0.1 * image(networks/lpips_vgg16/b) in float32"
  const [, name] = /image\((\S+)\)/.exec(z.string().parse(at(inputs, "b"))) ?? [];
  const other = formulaTensor(
    tensorSpec.parse({ name, shape: spec.shape, scale: 0.5, offset: 0.5 }),
  );
  const [r, s] = [Math.fround(0.9), Math.fround(0.1)];
  const second = first.map((value, i) => Math.fround(value * r) + Math.fround(other[i] * s));
  const [a, b] = [first, second].map((values) => imageOf(values, spec.shape));

  const outputs = at(expected, "outputs");
  const maps = net.maps(a);
  for (const [i, name] of MAPS.entries()) await checkImage(maps[i], at(outputs, name), name);
  const column = (x: tf.Tensor) => tf.reshape(x, [-1, 1, 1, 1]);
  for (const [i, part] of net.parts(a, b).entries()) {
    await checkPlain(column(part), at(outputs, "per_layer", i), `part of ${MAPS[i]}`);
  }
  await checkPlain(column(net(a, b)), at(outputs, "raw"), "raw");
  await checkPlain(column(net(a, a)), at(outputs, "identical"), "identical");
  const [B, H, W, C] = a.shape;
  const inner = [a, b].map((x) =>
    tf.slice(x, [0, BORDER, BORDER, 0], [B, H - 2 * BORDER, W - 2 * BORDER, C])
  );
  const distances = [...await net(inner[0], inner[1]).data()];
  const counted = distances.filter((distance) => distance !== 0);
  const mean = counted.reduce((x, y) => x + y, 0) / counted.length;
  checkScalar(mean, at(outputs, "official_batch"), "official_batch");
  checkScalar(counted.length, at(outputs, "official_valid"), "official_valid");
}
