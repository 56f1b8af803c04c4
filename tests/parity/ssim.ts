/**
 * SSIM.
 *
 * @module
 */
import { z } from "zod";
import type { Plane } from "../../ml/image/plane.ts";
import { ssim } from "../../ml/metrics/ssim.ts";
import { at, checkNumber, type Fixture, formulaTensor, tensorSpec } from "./harness.ts";

/** Compares `metrics/ssim*`. */
export default function structuralSimilarity({ inputs, expected, tolerance }: Fixture): void {
  const spec = tensorSpec.parse(at(inputs, "a"));
  const [, C, height, width] = spec.shape;
  const first = formulaTensor(spec);
  const noise = formulaTensor(tensorSpec.parse(at(inputs, "noise")));
  // "float32(clamp(a + noise, 0, 1)), sum in float64"
  const second = first.map((value, i) => Math.min(1, Math.max(0, value + noise[i])));
  const channels = (values: Float32Array): Plane[] =>
    Array.from({ length: C }, (_, c) => ({
      width,
      height,
      data: Float64Array.from(values.subarray(c * height * width, (c + 1) * height * width)),
    }));
  const [a, b] = [channels(first), channels(second)];
  const limit = Number(/<= (\S+)/.exec(z.string().parse(at(tolerance, "rule")))?.[1]);
  for (const [window, name] of [["gaussian", "gaussian"], ["uniform", "uniform7"]] as const) {
    const values = a.map((plane, c) => ssim(plane, b[c], { peak: 1, window }));
    const wanted = (what: string) => z.number().parse(at(expected, name, what));
    checkNumber(values.reduce((x, y) => x + y, 0) / C, wanted("rgb"), limit, `${name} rgb`);
    checkNumber(values[0], wanted("gray"), limit, `${name} gray`);
    checkNumber(ssim(a[0], a[0], { peak: 1, window }), wanted("identical"), limit, `${name} same`);
  }
}
