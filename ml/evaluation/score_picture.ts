/**
 * How close a super-resolved picture is to its original, in the metrics of super-resolution.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { channelsOf, insideBorder } from "../image/plane.ts";
import type { Picture } from "../image/picture.ts";
import { psnr } from "../metrics/image_quality.ts";
import { luma } from "../metrics/luma.ts";
import { niqe } from "../metrics/niqe.ts";
import { meanSquaredError } from "../metrics/plane_error.ts";
import { ssim } from "../metrics/ssim.ts";

/** What is measured by name, as reports show it. */
export type Scores = Record<string, number>;

/** What is measured beside PSNR and SSIM. */
export interface Further {
  /** LPIPS of two whole pictures. */
  lpips?: (shown: Picture, original: Picture) => Promise<number>;
  /** Whether the shown picture is to be judged without the original, too. */
  niqe: boolean;
}

/** What is compared. */
export interface Compared {
  /** How errors call the picture. */
  name: string;
  /** What super-resolution made. */
  shown: Picture;
  original: Picture;
  /** Pixels cut from every side, but for LPIPS. */
  border: number;
}

/**
 * `PSNR RGB` and `PSNR Y` in dB (infinite for equal pictures), `SSIM Y` up to 1, and where asked for
 * `LPIPS` and `NIQE`, of which less is better.
 *
 * @throws {InputError} that names the picture if it is too small for one of them
 */
export async function scorePicture(compared: Compared, further: Further): Promise<Scores> {
  try {
    return await score(compared, further);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`Cannot measure ${compared.name}: ${error.message}`, { cause: error });
  }
}

async function score({ shown, original, border }: Compared, further: Further): Promise<Scores> {
  const [y, wanted] = [shown, original].map(luma);
  const scores: Scores = {
    "PSNR RGB": psnr(meanSquaredError(channelsOf(shown), channelsOf(original), border)),
    "PSNR Y": psnr(meanSquaredError([y], [wanted], border)),
    "SSIM Y": ssim(insideBorder(y, border), insideBorder(wanted, border)),
  };
  if (further.lpips !== undefined) scores.LPIPS = await further.lpips(shown, original);
  if (further.niqe) scores.NIQE = niqe(y, border);
  return scores;
}

/**
 * The mean of each score. Infinite ones are left out, as the paper's code leaves out equal pictures;
 * null if no picture counts.
 */
export function meanScores(all: readonly Scores[]): Record<string, number | null> {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(names.map((name) => {
    const values = all.map((scores) => scores[name]).filter(Number.isFinite);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return [name, values.length === 0 ? null : mean];
  }));
}
