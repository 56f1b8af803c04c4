/**
 * `plan`: say what would run and why. Executes nothing.
 *
 * @module
 */
import type { StageResult } from "../execute/run_event.ts";
import { estimateCost } from "../explain/cost.ts";
import { renderCost } from "../explain/cost_text.ts";
import type { PlannedStage } from "../plan/record.ts";
import { planPipeline } from "../plan/plan.ts";
import { planShared } from "../plan/plan_shared.ts";
import { runDocument } from "../ui/document.ts";
import { renderPlan } from "../ui/plan_text.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { openRemote } from "./remote.ts";
import { openSession } from "./session.ts";
import { thisMachine } from "./this_machine.ts";

/** Options of `plan`. */
export interface PlanCommandOptions extends PlanOptions {
  /** Say how long it will take. */
  cost?: boolean;
  /** Processors that the stages would share. */
  jobs?: number;
}

/** Plans and prints. @returns the exit code */
export async function planCommand(
  file: string,
  options: PlanCommandOptions,
  surroundings: Surroundings,
): Promise<number> {
  const notify = (text: string) => printError(`warning: ${text}\n`);
  const { pipeline, context, store } = await openSession(file, options, surroundings, {
    write: false,
    onDamage: notify,
  });
  using remote = await openRemote(options, {
    store,
    notify: (text) => notify(`${text}; going on without it`),
    warn: notify,
    stop: new AbortController().signal,
  });
  const planned = remote
    ? await planShared(
      pipeline,
      context,
      ({ instance, key }) => remote.find({ key, outputs: Object.keys(instance.contract.outputs) }),
    )
    : await planPipeline(pipeline, context);
  const stages = planned.map(describePlanned);
  const text = renderPlan(pipeline, stages, surroundings.colors);
  const cost = options.cost
    ? estimateCost(planned, context, thisMachine(pipeline, options))
    : undefined;
  if (options.json) {
    const document = runDocument(pipeline, { status: "ok", stages });
    print(JSON.stringify({ ...document, ...(cost && { cost }) }, null, 2) + "\n");
  } else {
    print(text);
    if (cost) print(renderCost(cost, surroundings.colors));
  }
  return 0;
}

function describePlanned(planned: PlannedStage): StageResult {
  const { instance: { id, uses }, reason } = planned;
  const base = { id, uses, reason, seconds: 0 };
  switch (planned.status) {
    case "hit": {
      const { key, outputs, metrics, tables } = planned.record;
      const { remote, storedAs } = planned;
      const from = { ...(remote && { remote }), ...(storedAs !== undefined && { storedAs }) };
      return { ...base, status: "hit", key, outputs, metrics, tables, ...from };
    }
    case "would-run":
    case "unknown": {
      const key = planned.status === "unknown" ? null : planned.key;
      return { ...base, status: "would-run", key, outputs: {}, metrics: {}, tables: [] };
    }
  }
}
