/**
 * What a pipeline file becomes: a graph of stage instances with checked parameters.
 *
 * @module
 */
import type { StageContract } from "../stage.ts";

/** One output of one stage instance. */
export interface OutputRef {
  /** Id of the instance that makes it. */
  id: string;
  output: string;
  /**
   * What an input of many calls it, if that is not its id: its id in the file that wires it, which
   * inclusion and merging do not change.
   */
  as?: string;
}

/** A parameter whose value is a path outside the store (`externalPath()`). */
export interface External {
  /** Where in the params, e.g. `["train", "images"]`. */
  at: string[];
  /** Absolute real path of the file or folder. */
  path: string;
}

/** What a stage may use while it runs. */
export interface Resources {
  /** Threads. Default 1. */
  cpu: number;
  /** Bytes; undefined means no limit. */
  memory?: number;
  /** For further attempts, each after one that has outgrown the size before. Bytes, rising. */
  moreMemory?: number[];
  /** Default 0. */
  gpu: number;
  /** How many it takes of what the pipeline names in its `slots`. */
  slots?: Record<string, number>;
  /** Names of which only one stage at a time may hold each. */
  mutex?: string[];
}

/** One node of the graph: a stage with all its choices made. */
export interface StageInstance {
  /** `name`, or `name/value/…` for one cell of a matrix. */
  id: string;
  /** Ids of stages that would do the same work again: this one stands for them. */
  aliases: string[];
  /** The stage's name in the pipeline file; behind that of the include it comes from, `det/sr`. */
  name: string;
  /** `train` for `stages/train.ts`. */
  uses: string;
  contract: StageContract;
  /** Checked, with defaults, without references. */
  params: Record<string, unknown>;
  /** Project-relative files that params choose by name (`moduleIn`), sorted. */
  modules: string[];
  externals: External[];
  /** By input name. One reference, or several for a `many` input; unconnected ones are absent. */
  inputs: Record<string, OutputRef[]>;
  resources: Resources;
  timeoutSeconds?: number;
  /** To save a checkpoint in, once it was asked to stop; undefined means the usual time. */
  graceSeconds?: number;
  /** How often it saves its work; like the others it can change no result, so it is in no key. */
  checkpointSeconds?: number;
  retries: number;
}

/** A pipeline ready to be planned. Stages whose `when` is false are not in it. */
export interface Pipeline {
  /** The file's base name without extension. */
  name: string;
  /** Path as the person gave it. */
  file: string;
  profile: string;
  /** After profile and `--set`, without references; an include's stand under its name. */
  params: Record<string, unknown>;
  /** In an order in which every stage comes after what it needs. */
  stages: StageInstance[];
  /** How many there are of each thing that stages take slots of. */
  slots?: Record<string, number>;
}

/** Inputs whose producers are now known by other ids. An input of many goes on using the old ones. */
export function renameProducers(
  { inputs, contract }: StageInstance,
  idOf: (id: string) => string,
): StageInstance["inputs"] {
  const isSame = Object.values(inputs).every((refs) => refs.every(({ id }) => idOf(id) === id));
  if (isSame) return inputs;
  return Object.fromEntries(
    Object.entries(inputs).map(([input, refs]) => [
      input,
      refs.map((ref) => {
        const id = idOf(ref.id);
        if (id === ref.id) return ref;
        const { many } = contract.inputs[input];
        return { ...ref, id, ...(many ? { as: ref.as ?? ref.id } : {}) };
      }),
    ]),
  );
}
