/**
 * A light EDSR for small pictures: thin, shallow, and all but the last convolution at the low
 * resolution. The same code as EDSR with other defaults; 98,000 parameters at x4.
 *
 * @module
 */
import * as edsr from "./edsr.ts";

const { shape } = edsr.options;

/** What a network is built with; the words are EDSR's. */
export const options = edsr.options.extend({
  blocks: shape.blocks.removeDefault().default(4),
  channels: shape.channels.removeDefault().default(32),
  upsampler: shape.upsampler.removeDefault().default("direct"),
  mean: shape.mean.removeDefault().default([0.5, 0.5, 0.5]),
  range: shape.range.removeDefault().default(4),
  residual_init: shape.residual_init.removeDefault().default(0.3),
  tail_init: shape.tail_init.removeDefault().default(0.1),
});

/** Declares the network. */
export const build = edsr.build;
