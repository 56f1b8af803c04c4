/**
 * What `run` and `plan` do first: read the pipeline, open the store, find out what keys depend on.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { documentMemo } from "../pipeline/document_memo.ts";
import { loadPipeline } from "../pipeline/load.ts";
import { createPlanContext, type PlanContext, type Runtime } from "../plan/plan.ts";
import { Store } from "../store/store.ts";
import { openMemo } from "./memo.ts";
import { checkNeeds, readScope } from "./scope.ts";
import {
  type CheckOptions,
  computes,
  type PlanOptions,
  storeFolder,
  type Surroundings,
} from "./options.ts";

/** A pipeline with all that is needed to plan it. */
export interface Session {
  pipeline: Pipeline;
  store: Store;
  context: PlanContext;
}

/** Opens everything. @param write false: only look; creates nothing, fetches nothing */
export async function openSession(
  file: string,
  options: PlanOptions & CheckOptions,
  { root, tensors }: Surroundings,
  { write, onDamage }: { write: boolean; onDamage: (text: string) => void },
): Promise<Session> {
  const store = Store.open(storeFolder(root, options.store), {
    write,
    verify: options.verify ?? false,
    onDamage: ({ what, problem }) => onDamage(`${what} ${problem}; it is set aside and made again`),
  });
  const memo = openMemo(store);
  const whole = await loadPipeline({
    file,
    root,
    ...(options.profile !== undefined && { profile: options.profile }),
    sets: options.set ?? [],
    memo,
    documents: documentMemo(store),
  });
  memo.save();
  const scope = readScope(whole, options);
  const { pipeline } = scope;
  const runtime = computes(pipeline)
    ? await describeTensors(options, tensors)
    : { backend: "none", version: "" };
  const { forced } = scope;
  const context = await createPlanContext({ store, project: root, pipeline, runtime, forced });
  await checkNeeds(scope, context, options);
  return { pipeline, store, context };
}

async function describeTensors(
  { backend }: PlanOptions,
  tensors: Surroundings["tensors"],
): Promise<Runtime> {
  const { describeRuntime } = await tensors();
  try {
    return await describeRuntime(backend);
  } catch (error) {
    throw error instanceof Error ? new UserError(error.message, { cause: error }) : error;
  }
}
