/**
 * `explain`: what differs between a stage and its nearest earlier result.
 *
 * @module
 */
import { Explainer } from "../explain/explain_stage.ts";
import { renderExplanation } from "../explain/explain_text.ts";
import { selectStages } from "../pipeline/select.ts";
import { planPipeline } from "../plan/plan.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/**
 * Explains and prints.
 *
 * @param stage as in `--only`: an id, or what is the beginning of several
 * @returns the exit code
 */
export async function explainCommand(
  file: string,
  stage: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { pipeline, context } = await openSession(file, options, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const ids = selectStages(pipeline.stages, [stage], `explain ${file}`);
  const explainer = new Explainer(await planPipeline(pipeline, context), context);
  const explanations = pipeline.stages.filter(({ id }) => ids.has(id))
    .map(({ id }) => explainer.explain(id));
  if (options.json) print(JSON.stringify(explanations, null, 2) + "\n");
  else print(explanations.map((each) => renderExplanation(each, surroundings.colors)).join("\n"));
  return 0;
}
