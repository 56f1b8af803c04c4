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
import type { CheckOptions, PlanOptions } from "./options.ts";

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
export function readScope(pipeline: Pipeline, options: PlanOptions & CheckOptions): Scope {
  const { stages } = pipeline;
  const select = (words: string[] = [], option: string) => selectStages(stages, words, option);
  const audited = options.audit && select(options.audit, "audit FILE");
  const only = audited ?? (options.only && select(options.only, "--only"));
  const until = select(options.until, "--until");
  const forced = select(options.force, "--force").union(audited ?? new Set<string>());
  const checked = select(options.check, "--check")
    .union(select(options.checkResume, "--check-resume"));
  const wanted = only ?? until.union(checked);
  const kept = wanted.size === 0 ? stages : withNeeds(stages, wanted);
  const ids = only ?? new Set(kept.map(({ id }) => id));
  for (const [option, what] of [["--force", forced], ["--check", checked]] as const) {
    const outside = [...what.difference(ids)];
    if (outside.length === 0) continue;
    const within = only ? "--only" : until.size > 0 ? "--until" : "--check";
    throw new UserError({
      message: `${option} ${outside[0]}: it is not among the stages of ${within}`,
      notes: [`leave it out, or name it with ${within} too`],
    });
  }
  return { pipeline: { ...pipeline, stages: kept }, forced, only };
}

/**
 * Checks that all that the stages of `--only` build on is stored.
 *
 * @throws {UserError} naming what is not, and the command that makes it
 */
export async function checkNeeds(
  { pipeline, only }: Scope,
  context: PlanContext,
  options: PlanOptions,
): Promise<void> {
  if (only === undefined) return;
  const planned = await planPipeline(pipeline, context);
  const missing = planned
    .filter(({ status, instance }) => !only.has(instance.id) && status !== "hit")
    .map(({ instance: { id }, reason }) => ({ id, reason }));
  if (missing.length === 0) return;
  const ids = missing.map(({ id }) => id);
  const until = ids.flatMap((id) => ["--until", id]);
  throw new UserError({
    message: `${listed([...only])} needs results that are not stored: ${listed(ids)}`,
    notes: [
      ...missing.slice(0, 4).map(({ id, reason }) => `${id}: ${reason}`),
      `to make them: ${runAgain(pipeline.file, options, until)}`,
    ],
  });
}
