import assert from "node:assert/strict";
import { readCost } from "../../ml/cost/cost.ts";
import compareCost from "../../stages/compare_cost.ts";
import cost from "../../stages/cost.ts";
import { testFolder } from "../helpers/folder.ts";
import { testWithBackend } from "../helpers/with_backend.ts";
import { fakeContext } from "./fake_context.ts";

const EDSR = { role: "sr", network: "sr/edsr_light", passes: 1, warm_up: 0 };

/** Runs the stage in a folder of its own. */
async function measure(folder: string, given: Record<string, unknown>): Promise<string> {
  const { context, told } = await fakeContext(folder, (at) => ({ cost: at("cost") }));
  await cost.run({ ...context, params: cost.params.parse(given) });
  assert.deepEqual(told.progress, [2, 2]);
  return context.outputs.cost;
}

testWithBackend("cost measures a network, compare_cost puts costs side by side", async () => {
  using folder = testFolder({});
  const options = { scale: 4, blocks: 1, channels: 4, range: 4, upsampler: "direct" };
  const rest = { mean: [0.5, 0.5, 0.5], residual_init: 1, tail_init: null };
  const network_options = { ...options, ...rest };
  const square = await measure(`${folder.path}/a`, { ...EDSR, network_options, size: 16 });
  const wide = await measure(`${folder.path}/b`, {
    ...EDSR,
    network_options,
    size: [16, 32],
    label: "thin",
  });
  const { latency, peakBytes, backend, threads, ...known } = await readCost(square);
  // 3x3 convolutions on 4x4 cells: the head, two of the block, one behind it, the up-sampler.
  const weights = 9 * (3 * 4 + 3 * 4 * 4 + 4 * 48);
  assert.deepEqual(known, {
    label: "sr/edsr_light",
    network: "sr/edsr_light",
    options: network_options,
    size: [16, 16],
    input: [4, 4],
    parameters: { trained: weights + 4 * 4 + 48, frozen: 0, buffer: 24 },
    macs: { convolutions: 16 * weights, depthwise: 0, products: 0 },
  });
  assert.equal(latency.passes, 1);
  assert.ok(latency.median > 0 && peakBytes > 4 * weights);

  const { context, told } = await fakeContext(
    `${folder.path}/c`,
    (at) => ({ comparison: at("comparison") }),
  );
  await compareCost.run({
    ...context,
    params: compareCost.params.parse({ title: "Costs" }),
    inputs: { cost: { wide, square } },
  });
  const rows = told.tables["Costs"];
  assert.deepEqual(rows.map((row) => row.slice(0, 3)), [
    ["sr/edsr_light", "16x16", "4x4"],
    ["thin", "16x32", "4x8"],
  ]);
  assert.equal(rows[0].at(-1), `${backend}, ${threads} thread${threads === 1 ? "" : "s"}`);
  const read = (name: string) => Deno.readTextFile(`${context.outputs.comparison}/${name}`);
  assert.deepEqual(JSON.parse(await read("cost.json"))[1], await readCost(square));
  assert.match(
    await read("cost.md"),
    /^\| network \| image \|.*\n\| --- .*\n\| sr\/edsr_light \| /,
  );
});

testWithBackend("cost says which networks a role has", async () => {
  using folder = testFolder({});
  await assert.rejects(measure(folder.path, { ...EDSR, role: "detection" }), {
    name: "StageError",
    message: 'Cannot measure sr/edsr_light in the role "detection": expected a network of ' +
      "models/detection; change role or network",
  });
});
