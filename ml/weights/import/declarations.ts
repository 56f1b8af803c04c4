/**
 * What a network is made of, without computing anything.
 *
 * @module
 */
import { toTorch } from "../../nn/layout.ts";
import { Params } from "../../nn/params.ts";
import { keepingOnly } from "../../tensor/keeping_backend.ts";
import { isFixed } from "./families.ts";

/** One parameter that a network declares. */
export interface Declared {
  /** PyTorch's, with all levels. */
  name: string;
  /** PyTorch's. */
  shape: number[];
  /** Where it follows from the network's options: its values, in PyTorch's order. */
  fixed?: Float32Array;
}

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
        isFixed(name) ? undefined : new Float32Array(shape.reduce((a, b) => a * b, 1)),
    );
    try {
      build(p);
      return p.all().map(({ name, shape, layout, variable }) =>
        isFixed(name)
          ? { name, shape, fixed: toTorch(variable.dataSync<"float32">(), shape, layout) }
          : { name, shape }
      );
    } finally {
      p.dispose();
    }
  });
}
