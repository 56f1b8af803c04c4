import assert from "node:assert/strict";
import { type Cost, readCost, writeCost } from "../../../ml/cost/cost.ts";
import { costMarkdown, costTable } from "../../../ml/cost/table.ts";
import { testFolder } from "../../helpers/folder.ts";

const EDSR: Cost = {
  label: "edsr_x4",
  network: "sr/edsr",
  options: { scale: 4 },
  size: [480, 480],
  input: [120, 120],
  parameters: { trained: 1_517_571, frozen: 0, buffer: 24 },
  macs: { convolutions: 28_557_619_200, depthwise: 0, products: 0 },
  peakBytes: 3 * 1024 ** 2,
  latency: { median: 812.34, best: 800, passes: 5 },
  backend: "tensorflow",
  threads: 2,
};

const SMALL: Cost = { ...EDSR, size: [224, 224], input: [56, 56], backend: "wasm", threads: 1 };
const OTHER: Cost = {
  ...SMALL,
  label: "a",
  macs: { convolutions: 1e9, depthwise: 2e9, products: 4e9 },
};

Deno.test("Costs stand side by side, small sizes first, networks in their order", () => {
  const { title, columns, rows } = costTable("Costs", [EDSR, SMALL, OTHER]);
  assert.equal(title, "Costs");
  assert.deepEqual(columns, [
    "network",
    "image",
    "shown",
    "trained M",
    "frozen M",
    "buffers M",
    "GMACs",
    "peak MiB",
    "median ms",
    "by",
  ]);
  assert.deepEqual(rows, [
    ["edsr_x4", "224x224", "56x56", 1.518, 0, 0, 28.558, 3, 812.3, "wasm, 1 thread"],
    ["a", "224x224", "56x56", 1.518, 0, 0, 7, 3, 812.3, "wasm, 1 thread"],
    ["edsr_x4", "480x480", "120x120", 1.518, 0, 0, 28.558, 3, 812.3, "tensorflow, 2 threads"],
  ]);
});

Deno.test("The same as Markdown", () => {
  const table = { title: "", columns: ["network", "GMACs"], rows: [["a", 7], ["b", 0.5]] };
  assert.equal(costMarkdown(table), "| network | GMACs |\n| --- | --: |\n| a | 7 |\n| b | 0.5 |\n");
});

Deno.test("A cost is read as it was written", async () => {
  using folder = testFolder({});
  await writeCost(folder.path, EDSR);
  assert.deepEqual(await readCost(folder.path), EDSR);
});
