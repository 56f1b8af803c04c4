/**
 * Detection: the boxes in an image. How many regions reach the last layers depends on the weights.
 *
 * @module
 */
import type { Detector } from "../../nn/contracts.ts";
import type { Params } from "../../nn/params.ts";
import type { Role } from "../role.ts";

/** What a file of `models/detection/` exports. */
interface DetectorModule {
  build(p: Params, options: Record<string, unknown>): Detector;
}

/** What `ml/cost/roles/<name>.ts` exports. */
export const role: Role = {
  build(p, module, options, { size, classes }) {
    const net = (module as DetectorModule).build(p, { ...options, num_classes: classes });
    return {
      input: size,
      async pass(images) {
        await net.detect(images, [size]);
      },
    };
  },
};
