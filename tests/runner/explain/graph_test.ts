import assert from "node:assert/strict";
import pico from "picocolors";
import type { GraphNode } from "../../../runner/explain/graph.ts";
import { graphDot, graphSvg, graphText } from "../../../runner/explain/graph_formats.ts";

const node = (id: string, status: GraphNode["status"], ...needs: string[]): GraphNode => ({
  id,
  uses: id.split("/")[0],
  aliases: [],
  status,
  needs: needs.map((need) => ({ id: need.split(".")[0], output: need.split(".")[1] })),
});

const NODES = [
  node("data", "hit"),
  node("train/a", "would-run", "data.train"),
  node("train/b", "would-run", "data.train"),
  node("test", "waits", "data.val", "train/a.model", "train/b.model"),
];

Deno.test("a graph as text is indented by what comes before a stage", () => {
  assert.equal(
    graphText(NODES, pico.createColors(false)),
    `
= data
  > train/a  ← data.train
  > train/b  ← data.train
    ? test  ← data.val, train/a.model and train/b.model

= stored   > would run   ? to be decided when what it needs is done
`.trimStart(),
  );
});

Deno.test("a graph in DOT has coloured nodes, and labels where outputs differ", () => {
  assert.equal(
    graphDot('p "1"', NODES.slice(0, 2).concat(node("test", "waits", "data.val", "train/a.model"))),
    String.raw`
digraph "p \"1\"" {
  node [shape=box, style="rounded,filled", fontname="Arial", fontsize=11, margin="0.3,0.08"];
  edge [fontname="Arial", fontsize=9, color="#666666"];
  "data" [label="data", fillcolor="#d9ead3", tooltip="stored"];
  "train/a" [label="train/a\ntrain", fillcolor="#cfe2f3", tooltip="would run"];
  "data" -> "train/a" [label="train"];
  "test" [label="test", fillcolor="#fff2cc", tooltip="to be decided when what it needs is done"];
  "data" -> "test" [label="val"];
  "train/a" -> "test";
}
`.trimStart(),
  );
});

Deno.test("a graph as SVG has every stage and every arrow", async () => {
  const svg = await graphSvg("p", NODES);
  assert.match(svg, /<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  for (const { id } of NODES) assert.ok(svg.includes(`<title>${id}</title>`), id);
  assert.equal([...svg.matchAll(/class="edge"/g)].length, 5);
});
