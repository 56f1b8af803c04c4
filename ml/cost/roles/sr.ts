/**
 * Super-resolution: a network is shown an image that is smaller by its scale.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import type { SrNet } from "../../nn/contracts.ts";
import type { Params } from "../../nn/params.ts";
import type { Role } from "../role.ts";

/** What a file of `models/sr/` exports. */
interface SrModule {
  build(p: Params, options: { scale: number }): SrNet;
}

/** What `ml/cost/roles/<name>.ts` exports. */
export const role: Role = {
  build(p, module, options, { size: [H, W] }) {
    const { scale } = options as { scale: number };
    if (H % scale !== 0 || W % scale !== 0) {
      throw new InputError(
        `Cannot make images of ${H}x${W} from smaller ones at x${scale}: ` +
          `expected sides that are multiples of ${scale}; change size`,
      );
    }
    const net = (module as SrModule).build(p, { ...options, scale });
    return {
      input: [H / scale, W / scale],
      async pass(images) {
        const sr = net(images);
        await sr.data();
        sr.dispose();
      },
    };
  },
};
