/**
 * Weights of networks for tests: every tensor has numbers of its own.
 *
 * @module
 */
import type { z } from "zod";
import type { NamedTensor, Params } from "../../../../ml/nn/params.ts";
import { declarations, type Declared } from "../../../../ml/weights/import/declarations.ts";
import { isFixed } from "../../../../ml/weights/import/families.ts";
import type { ImportOptions } from "../../../../ml/weights/import/import_weights.ts";

/** A file of `models`, with options. */
// deno-lint-ignore no-explicit-any -- each network has options of its own
export interface NetworkModule<O = any> {
  options: z.ZodType<O>;
  build(p: Params, options: O): unknown;
}

/** What a network of these options declares. */
export function declaredBy(
  module: NetworkModule,
  options: Record<string, unknown> = {},
): Promise<Declared[]> {
  const checked = module.options.parse(options);
  return declarations((p) => module.build(p, checked));
}

/** Values for declarations: what is fixed as it is, all else numbered. */
export function filled(declared: readonly Declared[]): NamedTensor[] {
  return declared.map(({ name, shape, first }, i) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return {
      name,
      shape,
      data: first !== undefined && isFixed(name)
        ? first
        : Float32Array.from({ length: size }, (_, j) => i + j / 8),
    };
  });
}

/** Options of an import into a network, strict unless said. */
export function into(
  network: string,
  module: NetworkModule,
  options: Record<string, unknown> = {},
  others: Partial<ImportOptions> = {},
): ImportOptions {
  return {
    key: null,
    network,
    build: module.build,
    options: module.options.parse(options) as Record<string, unknown>,
    classes: "options",
    strict: true,
    log: () => {},
    ...others,
  };
}
