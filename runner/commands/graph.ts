/**
 * `graph`: the stages of a pipeline and what leads where, with what is stored and what would run.
 *
 * @module
 */
import { planGraph } from "../explain/graph.ts";
import { graphDot, graphSvg, graphText } from "../explain/graph_formats.ts";
import { planPipeline } from "../plan/plan.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/** Options of `graph`. */
export interface GraphOptions extends PlanOptions {
  format: "text" | "dot" | "svg";
}

/** Plans and prints. @returns the exit code */
export async function graphCommand(
  file: string,
  options: GraphOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { pipeline, context } = await openSession(file, options, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const nodes = planGraph(await planPipeline(pipeline, context));
  if (options.json) {
    print(JSON.stringify(nodes, null, 2) + "\n");
    return 0;
  }
  switch (options.format) {
    case "text":
      print(graphText(nodes, surroundings.colors));
      break;
    case "dot":
      print(graphDot(pipeline.name, nodes));
      break;
    case "svg":
      print(await graphSvg(pipeline.name, nodes));
      break;
  }
  return 0;
}
