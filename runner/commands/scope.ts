/**
 * The part of a pipeline that a person asks for: `--until`, `--only`, `--force`.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { selectStages, withNeeds } from "../pipeline/select.ts";
import { type PlanContext, planPipeline } from "../plan/plan.ts";
import { listed } from "../ui/format.ts";
import { runAgain } from "./again.ts";
import type { PlanOptions } from "./options.ts";

/** What is left of a pipeline, and how its stages are to be treated. */
export interface Scope {
  pipeline: Pipeline;
  /** Ids of stages that run again though they are stored. */
  forced: ReadonlySet<string>;
  /** Ids of the stages of `--only`; undefined without it. All others must be stored. */
  only: ReadonlySet<string> | undefined;
}

/**
 * Leaves out what was not asked for.
 *
 * @throws {UserError} if an option names a stage that is not there
 */
export function readScope(pipeline: Pipeline, options: PlanOptions): Scope {
  const { stages } = pipeline;
  const only = options.only && selectStages(stages, options.only, "--only");
  const until = options.until && selectStages(stages, options.until, "--until");
  const forced = selectStages(stages, options.force ?? [], "--force");
  const wanted = only ?? until;
  const kept = wanted === undefined ? stages : withNeeds(stages, wanted);
  const ids = new Set(kept.map(({ id }) => id));
  for (const id of forced) {
    if (only === undefined ? ids.has(id) : only.has(id)) continue;
    const option = only === undefined ? "--until" : "--only";
    throw new UserError({
      message: `"${id}" cannot be forced: it is not among the stages of ${option}`,
      notes: [`leave out --force, or name it with ${option} too`],
    });
  }
  return { pipeline: { ...pipeline, stages: kept }, forced, only };
}

/**
 * Checks that all that the stages of `--only` build on is stored.
 *
 * @throws {UserError} naming what is not, and the command that makes it
 */
export function checkNeeds(
  { pipeline, only }: Scope,
  context: PlanContext,
  options: PlanOptions,
): void {
  if (only === undefined) return;
  const missing = planPipeline(pipeline, context)
    .filter(({ status, instance }) => !only.has(instance.id) && status !== "hit")
    .map(({ instance: { id }, reason }) => ({ id, reason }));
  if (missing.length === 0) return;
  const ids = missing.map(({ id }) => id);
  const until = ids.flatMap((id) => ["--until", id]);
  throw new UserError({
    message: `--only needs results that are not stored: ${listed(ids)}`,
    notes: [
      ...missing.slice(0, 4).map(({ id, reason }) => `${id}: ${reason}`),
      `to make them: ${runAgain(pipeline.file, options, until)}`,
    ],
  });
}
