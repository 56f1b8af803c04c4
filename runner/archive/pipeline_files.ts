/**
 * The files that a pipeline is written in, and whether they still lead to what was run.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { loadPipeline } from "../pipeline/load.ts";
import { keyMaterial, keyOf, unknownProducers } from "../plan/key.ts";
import type { ActionRecord } from "../plan/record.ts";

/** Which pipeline, with which choices. */
export interface PipelineChoice {
  /** Absolute path of the file. */
  file: string;
  /** Absolute path of the project. */
  root: string;
  profile: string;
  sets: string[];
}

/** What was read. */
export interface PipelineFiles {
  /** Absolute path → text: the file and all that it extends and includes, as far as it was read. */
  texts: Map<string, string>;
  /** Undefined if it cannot be loaded as it is now; `problem` says why. */
  pipeline?: Pipeline;
  problem?: string;
}

/** Loads a pipeline and notes which files it reads. */
export async function readPipelineFiles(choice: PipelineChoice): Promise<PipelineFiles> {
  const texts = new Map<string, string>();
  const documents = {
    get(path: string, text: string): undefined {
      texts.set(path, text);
    },
    set() {},
  };
  try {
    return { texts, pipeline: await loadPipeline({ ...choice, documents }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { texts, problem: error.diagnostics[0].message };
  }
}

/**
 * Stages to which a pipeline no longer leads as it did, whatever has become of the code and the
 * machine: their params, inputs or data outside are others.
 *
 * @param records what came of the stages, by their ids
 * @param digestPath digest of a path outside
 */
export function changedStages(
  { stages }: Pipeline,
  records: ReadonlyMap<string, ActionRecord>,
  digestPath: (path: string) => string,
): string[] {
  const known = new Map([...records].map(([id, { outputs }]) => [id, outputs]));
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  return [...records].filter(([id, { key, material }]) => {
    const instance = byId.get(id);
    if (instance === undefined || unknownProducers(instance, known).length > 0) return true;
    const { backend = "", version = "" } = material.runtime;
    const parts = { code: material.code, known, digestPath, runtime: { backend, version } };
    return keyOf(keyMaterial(instance, parts)) !== key;
  }).map(([id]) => id);
}
