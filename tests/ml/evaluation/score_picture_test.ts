import assert from "node:assert/strict";
import { meanScores } from "../../../ml/evaluation/score_picture.ts";

Deno.test("meanScores() leaves out the infinite PSNR of equal pictures", () => {
  const all = [{ PSNR: 30, SSIM: 0.75 }, { PSNR: Infinity, SSIM: 1 }, { PSNR: 34, SSIM: 0.5 }];
  assert.deepEqual(meanScores(all), { PSNR: 32, SSIM: 0.75 });
  assert.deepEqual(meanScores([{ PSNR: Infinity }]), { PSNR: null });
  assert.deepEqual(meanScores([]), {});
});
