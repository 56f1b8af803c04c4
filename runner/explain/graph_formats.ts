/**
 * Graphs as text, in Graphviz's language, and as a picture.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { listed } from "../ui/format.ts";
import type { GraphNode } from "./graph.ts";

/** How a fate looks: its mark in text, its colour in pictures. */
const LOOKS = {
  hit: { mark: "=", colour: "#d9ead3", word: "stored" },
  "would-run": { mark: ">", colour: "#cfe2f3", word: "would run" },
  waits: { mark: "?", colour: "#fff2cc", word: "to be decided when what it needs is done" },
} as const;

/** One line a stage, indented by how many stages come before it on the longest way. */
export function graphText(nodes: GraphNode[], c: Colors): string {
  const depths = new Map<string, number>();
  const lines = nodes.map(({ id, status, needs }) => {
    const depth = Math.max(-1, ...needs.map((ref) => depths.get(ref.id) ?? 0)) + 1;
    depths.set(id, depth);
    const from = listed(needs.map((ref) => `${ref.id}.${ref.output}`));
    const line = `${"  ".repeat(depth)}${LOOKS[status].mark} ${id}`;
    const arrow = from === "" ? "" : c.dim(`  ← ${from}`);
    return (status === "hit" ? c.dim(line) : line) + arrow;
  });
  const used = new Set(nodes.map(({ status }) => status));
  const legend = Object.entries(LOOKS).filter(([status]) => [...used].some((one) => one === status))
    .map(([, { mark, word }]) => `${mark} ${word}`);
  return `${lines.join("\n")}\n\n${c.dim(legend.join("   "))}\n`;
}

/** A digraph; an edge has a label where a stage makes more than one folder that is used. */
export function graphDot(name: string, nodes: GraphNode[]): string {
  const used = Map.groupBy(nodes.flatMap(({ needs }) => needs), ({ id }) => id);
  const isOneOfMany = (id: string) => new Set(used.get(id)?.map(({ output }) => output)).size > 1;
  const lines = nodes.flatMap(({ id, uses, status, needs }) => {
    const label = id === uses ? id : `${id}\n${uses}`;
    const { colour, word } = LOOKS[status];
    const attributes = `label=${text(label)}, fillcolor=${text(colour)}, tooltip=${text(word)}`;
    return [
      `  ${text(id)} [${attributes}];`,
      ...needs.map((ref) => {
        const label = isOneOfMany(ref.id) ? ` [label=${text(ref.output)}]` : "";
        return `  ${text(ref.id)} -> ${text(id)}${label};`;
      }),
    ];
  });
  return [
    `digraph ${text(name)} {`,
    // Wide margins: whose machine lacks the font sees a wider one.
    `  node [shape=box, style="rounded,filled", fontname="Arial", fontsize=11, margin="0.3,0.08"];`,
    `  edge [fontname="Arial", fontsize=9, color="#666666"];`,
    ...lines,
    "}",
  ].join("\n") + "\n";
}

/** Lets Graphviz, compiled to WebAssembly, lay the graph out. @returns an SVG document */
export async function graphSvg(name: string, nodes: GraphNode[]): Promise<string> {
  const { instance } = await import("@viz-js/viz");
  const viz = await instance();
  return viz.renderString(graphDot(name, nodes), { format: "svg" });
}

/** A quoted string of the DOT language; a line break becomes one in the label. */
function text(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
