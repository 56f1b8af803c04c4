/**
 * Classification: the scores of an image.
 *
 * @module
 */
import type { Classifier } from "../../nn/contracts.ts";
import type { Params } from "../../nn/params.ts";
import type { Role } from "../role.ts";

/** What a file of `models/classification/` exports. */
interface ClassifierModule {
  build(p: Params, options: Record<string, unknown>): Classifier;
}

/** What `ml/cost/roles/<name>.ts` exports. */
export const role: Role = {
  build(p, module, options, { size, classes }) {
    const net = (module as ClassifierModule).build(p, { ...options, num_classes: classes });
    return {
      input: size,
      async pass(images) {
        const logits = net.logits(images, "eval");
        await logits.data();
        logits.dispose();
      },
    };
  },
};
