/**
 * The sampler with which fixtures were made: the first candidates instead of random ones.
 *
 * @module
 */
import type { Sampler } from "../../ml/nn/contracts.ts";

/** Takes the first `count` candidates in index order. */
export const firstCandidates: Sampler = (candidates, count) => candidates.slice(0, count);
