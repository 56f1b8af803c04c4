/**
 * Made-up results of super-resolution alone.
 *
 * @module
 */
import type { ImageResult } from "../../../ml/report/image_results.ts";

/** A result without pictures. */
export function result(
  set: string,
  scale: number,
  network: string | null,
  metrics: Record<string, number | null>,
): ImageResult {
  return {
    folder: "",
    set,
    scale,
    degradation: "matlab",
    network,
    images: 5,
    metrics,
    pictures: [],
  };
}
