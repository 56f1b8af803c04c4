/**
 * The cost of a plan as text.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { count, formatSeconds, listed } from "../ui/format.ts";
import { renderTable } from "../ui/table.ts";
import type { Duration, PlanCost, StageCost } from "./cost.ts";

/** A table of the stages that would run, and the sums. */
export function renderCost(cost: PlanCost, c: Colors): string {
  const { stages, atLeast, atMost, jobs } = cost;
  if (stages.length === 0) return "\nNothing would run: it costs no time\n";
  const table = renderTable({
    title: "Cost",
    columns: ["stage", "takes", "estimated by"],
    rows: stages.map((stage) => [
      stage.id,
      stage.seconds === undefined ? "?" : formatSeconds(stage.seconds),
      source(stage),
    ]),
  }, c);
  const isSure = stages.every(({ uncertain }) => !uncertain);
  const sums = isSure
    ? tell(atLeast, jobs)
    : `at least ${tell(atLeast, jobs)}\nat most ${tell(atMost, jobs)}`;
  const unknown = stages.filter(({ seconds }) => seconds === undefined).map(({ id }) => id);
  const rest = unknown.length === 0
    ? ""
    : `and what ${listed(unknown)} ${unknown.length === 1 ? "takes" : "take"}: none of the kind ` +
      "was run yet\n";
  return `\n${table}\n${sums}\n${rest}`;
}

function source({ by, uncertain }: StageCost): string {
  const what = by === undefined
    ? "nothing, never run"
    : { last: "its last run", earlier: "an earlier run", similar: "a similar stage" }[by];
  return uncertain ? `${what}; may be stored` : what;
}

/** E.g. `5 min 20 s of work, 3 min 10 s with 2 processors`. */
function tell({ work, elapsed }: Duration, jobs: number): string {
  return `${formatSeconds(work)} of work, ${formatSeconds(elapsed)} with ` +
    count(jobs, "processor");
}
