/**
 * Compares a super-resolution network with numbers that PyTorch gave, kept in `torch/`.
 *
 * The files have the form of those in `tests/fixtures/networks`; `source` says where their numbers
 * come from. Their options are this project's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import type { SrNet } from "../../../ml/nn/contracts.ts";
import { Params } from "../../../ml/nn/params.ts";
import {
  at,
  checkImage,
  entries,
  imageTensor,
  readFixture,
  weightsSource,
} from "../../parity/harness.ts";
import { checkGradients, gradientsOf } from "../../parity/network_gradients.ts";

/** Results, gradients of the input and of some parameters; and that all names are the original's. */
export async function checkAgainstTorch(
  name: string,
  build: (p: Params, options: unknown) => SrNet,
): Promise<void> {
  const file = new URL(`torch/${name}.json`, import.meta.url);
  const fixture = await readFixture(file.pathname, name);
  const { inputs, expected, weights } = fixture;
  const source = weightsSource(weights);
  for (const [input, wanted] of entries(at(expected, "gradients"))) {
    const p = Params.create(0, (name, shape) => {
      const values = source(name, shape);
      if (values === undefined) throw new RangeError(`The original has no parameter "${name}"`);
      return values;
    });
    const net = build(p, fixture.options);
    const x = imageTensor(at(inputs, input));
    const w = z.string().parse(at(inputs, "gradient_weights", input));
    const got = await gradientsOf(p, net, x, w);
    await checkImage(got.output, at(expected, "outputs", input, "output"), `${input} output`);
    const { input: wantedInput, ...rest } = z.record(z.string(), z.unknown()).parse(wanted);
    await checkImage(got.input, wantedInput, `${input} input`);
    checkGradients(got.gradients, rest, input);
    const listed = z.array(z.tuple([z.string(), z.array(z.int())], z.unknown()))
      .parse(at(weights, "parameters"));
    const key = ([name, shape]: readonly [string, number[], ...unknown[]]) => `${name} [${shape}]`;
    assert.deepEqual(
      p.all().map(({ name, shape }) => key([name, shape])).sort(),
      listed.map(key).sort(),
    );
    p.dispose();
  }
}
