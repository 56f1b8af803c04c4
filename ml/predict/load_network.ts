/**
 * A network with the weights of a file, all of them: nothing is left to chance.
 *
 * @module
 */
import { InputError } from "../image/input_error.ts";
import { Params } from "../nn/params.ts";
import { findWeights, readFloat32 } from "../weights/find_weights.ts";
import { openWeights } from "../weights/open_weights.ts";

/** So many tensors that do not fit are named. */
const NAMED = 5;

/**
 * Builds a network on the weights of a file, of any format that `openWeights()` reads.
 *
 * @param files one file, or several that hold parts of the network
 * @param network how errors call it, e.g. `sr/edsr`
 * @param only which tensors are read at all, by name; the files may hold large ones that are no use
 * @throws {InputError} if the file lacks tensors that the network has, or has them in other shapes
 */
export async function loadNetwork<N>(
  files: string | readonly string[],
  network: string,
  build: (p: Params) => N,
  only = /(?:)/,
): Promise<{ net: N; params: Params }> {
  const all = [files].flat();
  const parts = await Promise.all(all.map(async (file) => findWeights(await openWeights(file))));
  const tensors = parts.flatMap(({ tensors }) => tensors).filter(({ name }) => only.test(name));
  const values = new Map(
    await Promise.all(tensors.map(async (tensor) =>
      [tensor.name, {
        shape: tensor.shape,
        data: await readFloat32(tensor, true),
      }] as const
    )),
  );
  const misfits: string[] = [];
  const params = Params.create(0, (name, shape) => {
    const found = values.get(name);
    if (found?.shape.join() === shape.join()) return found.data;
    const what = found === undefined ? "is not there" : `is [${found.shape}], not [${shape}]`;
    misfits.push(`  ${name} ${what}`);
    return undefined;
  });
  const net = build(params);
  if (misfits.length > 0) {
    const more = misfits.length > NAMED ? [`  ... and ${misfits.length - NAMED} more`] : [];
    throw new InputError(
      [
        `Cannot load ${all.join(" and ")} into ${network}: ${misfits.length} of the network's ` +
        `${params.all().length} tensors do not fit`,
        ...misfits.slice(0, NAMED),
        ...more,
        `name the network, the options and the scale that the weights were trained with`,
      ].join("\n"),
    );
  }
  return { net, params };
}
