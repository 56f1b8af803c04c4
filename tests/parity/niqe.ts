/**
 * NIQE, as it is meant and not as SR4IR's code has it.
 *
 * @module
 */
import { z } from "zod";
import { matlabResizePlane } from "../../ml/image/matlab_resize.ts";
import { insideBorder, type Plane, type Rgb } from "../../ml/image/plane.ts";
import { luma } from "../../ml/metrics/luma.ts";
import { contrastNormalized, sceneFeatures } from "../../ml/metrics/natural_scene.ts";
import { niqe } from "../../ml/metrics/niqe.ts";
import { COVARIANCE, MEAN } from "../../ml/metrics/niqe_model.ts";
import {
  at,
  checkNumber,
  checkTensor,
  type Fixture,
  formulaTensor,
  tensorSpec,
} from "./harness.ts";

/** "scaled_*: relative 1e-3; features: relative 1e-3" */
const RELATIVE = 1e-3;

/** Compares `metrics/niqe` and the model in `metrics/niqe_params`. */
export default function naturalness(fixture: Fixture): void {
  if (fixture.path.endsWith("_params")) checkModel(fixture);
  else checkScores(fixture);
}

function checkModel(fixture: Fixture): void {
  z.array(z.number()).parse(fixture.mu_pris_param).forEach((value, i) =>
    checkNumber(MEAN[i], value, 0, `mean ${i}`)
  );
  const rows = z.array(z.array(z.number())).parse(fixture.cov_pris_param);
  rows.flatMap((row, i) => row.slice(i)).forEach((value, i) =>
    checkNumber(COVARIANCE[i], value, 0, `covariance ${i}`)
  );
}

function checkScores({ inputs, expected }: Fixture): void {
  const spec = tensorSpec.parse(at(inputs, "img"));
  const border = z.int().parse(at(inputs, "crop_border"));
  const [, , height, width] = spec.shape;
  const values = formulaTensor(spec); // [3, H, W] in [0, 1]
  const picture = (order: number[]): Rgb => ({
    width,
    height,
    data: Float64Array.from(
      { length: values.length },
      (_, i) => 255 * values[order[i % 3] * height * width + Math.floor(i / 3)],
    ),
  });
  const [rgb, bgr] = [luma(picture([0, 1, 2])), luma(picture([2, 1, 0]))];
  const close = (got: number, wanted: unknown, label: string) => {
    const number = z.number().parse(wanted);
    checkNumber(got, number, RELATIVE * Math.abs(number), label);
  };
  close(niqe(rgb, border), at(expected, "scaled_rgb_order"), "scaled_rgb_order");
  close(niqe(bgr, border), at(expected, "scaled_bgr_order"), "scaled_bgr_order");

  const inner = insideBorder(bgr, border);
  const normalized = contrastNormalized(inner);
  const check = ({ data, height, width }: Plane, name: string) =>
    checkTensor(data, at(expected, name), name, [height, width]);
  check(inner, "y_channel");
  check(normalized, "normalized");
  check(matlabResizePlane(inner, 0.5), "half_size");
  const block = new Float64Array(96 * 96);
  for (let y = 0; y < 96; y++) {
    block.set(normalized.data.subarray(y * inner.width, y * inner.width + 96), y * 96);
  }
  sceneFeatures({ width: 96, height: 96, data: block }).forEach((value, i) =>
    close(value, at(expected, "first_block_features", i), `feature ${i}`)
  );
}
