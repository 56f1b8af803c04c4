/**
 * What networks of one role do with an image: how a pass through them is run.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Size } from "../nn/contracts.ts";
import type { Params } from "../nn/params.ts";

/** A network that is ready to be shown images. */
export interface Ready {
  /** Of the images it is to be shown, pixels. */
  input: Size;
  /**
   * One pass; resolves when its results are there to be read, and frees them.
   *
   * @param images [1, H, W, 3] of the size that `input` says
   */
  pass(images: tf.Tensor4D): Promise<void>;
}

/** What there is to know besides the network's own options. */
export interface Occasion {
  /** Of the images as the task sees them, pixels. */
  size: Size;
  /** K, background included. */
  classes: number;
}

/** What `ml/cost/roles/<name>.ts` exports as `role`; for the networks in `models/<name>`. */
export interface Role {
  /**
   * Declares a network.
   *
   * @param module exports of its file
   * @param options its own, checked
   * @throws {InputError} if it cannot be shown images of this size
   */
  build(p: Params, module: unknown, options: Record<string, unknown>, occasion: Occasion): Ready;
}
