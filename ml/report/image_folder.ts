/**
 * What `evaluate_images` has written: `image_metrics.json` and the pictures that it names.
 *
 * @module
 */
import type { ImageResult, ShownPicture } from "./image_results.ts";

/** The file's form, as far as it is used here. */
interface Stored extends Omit<ImageResult, "folder" | "images" | "metrics" | "pictures"> {
  means: ImageResult["metrics"];
  images: {
    name: string;
    width: number;
    height: number;
    scores: ShownPicture["metrics"];
    /** Paths inside the folder; none where the picture was not kept. `sr` where there is a network. */
    pictures: { lr?: string; bicubic?: string; sr?: string; hr?: string };
  }[];
}

/** Reads the folder. */
export async function readImageResult(folder: string): Promise<ImageResult> {
  const { set, scale, degradation, network, means, images }: Stored = JSON.parse(
    await Deno.readTextFile(`${folder}/image_metrics.json`),
  );
  const pictures = images.flatMap(({ name, width, height, scores, pictures }): ShownPicture[] => {
    const { lr, bicubic, sr = bicubic, hr } = pictures;
    if (lr === undefined || sr === undefined || hr === undefined) return [];
    const stem = name.replace(/\.[^.]*$/, "");
    return [{ name: stem, width, height, low: lr, enlarged: sr, original: hr, metrics: scores }];
  });
  return {
    folder,
    set,
    scale,
    degradation,
    network,
    images: images.length,
    metrics: means,
    pictures,
  };
}
