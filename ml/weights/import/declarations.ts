/**
 * What a network is made of, without computing anything.
 *
 * @module
 */
import { toTorch } from "../../nn/layout.ts";
import { Params } from "../../nn/params.ts";
import { keepingOnly } from "../../tensor/keeping_backend.ts";
import { isFixed, isOptional } from "./families.ts";

/** One parameter that a network declares. */
export interface Declared {
  /** PyTorch's, with all levels. */
  name: string;
  /** PyTorch's. */
  shape: number[];
  /** What it is before training, in PyTorch's order, where that is right without a file. */
  first?: Float32Array;
}

const isKnown = (name: string) => isFixed(name) || isOptional(name);

/**
 * The parameters of the network that `build` declares, in its order.
 *
 * @throws {RangeError} if the options do not fit together
 */
export async function declarations(build: (p: Params) => unknown): Promise<Declared[]> {
  return await keepingOnly(() => {
    // Nobody looks at the other first values, and random ones would take longer than all the rest.
    const p = Params.create(
      0,
      (name, shape) =>
        isKnown(name) ? undefined : new Float32Array(shape.reduce((a, b) => a * b, 1)),
    );
    try {
      build(p);
      return p.all().map(({ name, shape, layout, variable }) =>
        isKnown(name)
          ? { name, shape, first: toTorch(variable.dataSync<"float32">(), shape, layout) }
          : { name, shape }
      );
    } finally {
      p.dispose();
    }
  });
}
