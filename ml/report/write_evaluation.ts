/**
 * Writes an evaluated setting; apart from the reading, which needs no codec.
 *
 * @module
 */
import { pngBytes, webpBytes } from "../image/codec.ts";
import type { Picture } from "../image/picture.ts";
import type { SettingEvaluation } from "../evaluation/evaluate_setting.ts";
import type { ShownImage } from "./evaluation_folder.ts";

/** Pictures with more pixels than this take several times less room as lossy WebP. */
const LARGEST_PNG = 256 * 256;

/** Writes the folder that `readEvaluation()` reads. */
export async function writeEvaluation(
  folder: string,
  { metrics, predictions, curves, pictures }: SettingEvaluation,
): Promise<void> {
  await Deno.mkdir(`${folder}/pictures`, { recursive: true });
  const shown: ShownImage[] = [];
  for (const { index, low, seen, original, name, truth, found, maps } of pictures) {
    const { width, height } = original;
    const write = async (what: string, picture: Picture, flat = false) => {
      const small = flat || picture.width * picture.height <= LARGEST_PNG;
      const file = `pictures/${index}_${what}.${small ? "png" : "webp"}`;
      await Deno.writeFile(`${folder}/${file}`, await (small ? pngBytes : webpBytes)(picture));
      return file;
    };
    shown.push({
      name,
      width,
      height,
      low: await write("low", low),
      seen: await write("seen", seen),
      original: await write("original", original),
      truth,
      found,
      ...maps === undefined ? {} : {
        maps: {
          truth: await write("truth", maps.truth, true),
          found: await write("found", maps.found, true),
        },
      },
    });
  }
  await writeJson(`${folder}/metrics.json`, metrics);
  await writeJson(`${folder}/predictions.json`, predictions);
  await writeJson(`${folder}/curves.json`, curves);
  await writeJson(`${folder}/pictures.json`, shown);
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(file, JSON.stringify(value, null, 2) + "\n");
}
