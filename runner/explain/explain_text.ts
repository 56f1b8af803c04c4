/**
 * Explanations as text: a stage, what it is compared with, what differs, and below it the stages that
 * its inputs come from.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { tellDifference } from "../plan/reasons.ts";
import { localTime } from "../runs/list_runs.ts";
import { formatSeconds } from "../ui/format.ts";
import type { Explanation } from "./explain_stage.ts";

/** Shows one explanation. */
export function renderExplanation(explanation: Explanation, c: Colors): string {
  return lines(explanation, c).join("\n") + "\n";
}

function lines(explanation: Explanation, c: Colors): string[] {
  const { id, uses, differences, upstream } = explanation;
  return [
    `${c.bold(id)} (${uses}): ${fate(explanation)}`,
    ...comparison(explanation).map((line) => `  ${c.dim(line)}`),
    ...differences.map((each) => `  ${tellDifference(each)}`),
    ...upstream.flatMap((each) => lines(each, c)).map((line) => `    ${line}`),
  ];
}

function fate({ status, reason, comparedWith, differences }: Explanation): string {
  switch (status) {
    case "hit":
      if (reason.startsWith("stored ")) return reason;
      return reason === "nothing changed" ? "stored" : `stored, ${reason}`;
    case "waits":
      return reason.split("; ")[0]; // what changed of it is told below
    case "would-run":
      // What differs from its last result is the reason, and told below.
      return comparedWith?.kinship === "last" && differences.length > 0
        ? "would run"
        : `would run, ${reason}`;
  }
}

function comparison({ status, comparedWith, differences }: Explanation): string[] {
  if (comparedWith === undefined) return ["there is no earlier result to compare it with"];
  const { kinship, madeBy, startedAt, seconds } = comparedWith;
  const what = {
    last: "its last result",
    earlier: "an earlier result of it",
    similar: `the most similar result, ${madeBy.id} of ${madeBy.pipeline}`,
  }[kinship];
  const when = `${localTime(startedAt)}, which took ${formatSeconds(seconds)}`;
  const nothing = status === "waits" ? "nothing of its own differs" : "nothing differs";
  const none = differences.length === 0 ? `; ${nothing}` : "";
  return [`compared with ${what}, of ${when}${none}`];
}
