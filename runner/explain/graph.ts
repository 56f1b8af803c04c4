/**
 * A plan as a graph: stages, what they would do, and which outputs lead where.
 *
 * @module
 */
import type { PlannedStage } from "../plan/record.ts";

/** One stage. */
export interface GraphNode {
  id: string;
  uses: string;
  /** Ids of equal stages, which this one stands for. */
  aliases: string[];
  /** `waits`: decided once what it needs is done. */
  status: "hit" | "would-run" | "waits";
  /** The outputs that it reads, each once. */
  needs: { id: string; output: string }[];
}

/** Returns the nodes in an order in which each comes after what it needs. */
export function planGraph(planned: PlannedStage[]): GraphNode[] {
  return planned.map(({ instance, status }) => {
    const refs = Object.values(instance.inputs).flat();
    const needs = new Map(refs.map(({ id, output }) => [`${id}.${output}`, { id, output }]));
    return {
      id: instance.id,
      uses: instance.uses,
      aliases: instance.aliases,
      status: status === "unknown" ? "waits" : status,
      needs: [...needs.values()],
    };
  });
}
