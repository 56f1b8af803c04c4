/**
 * One stage as a container runs it: the same command as a person would type, for this stage alone.
 *
 * @module
 */
import { GRACE } from "../execute/attempt.ts";
import type { Due } from "./wave.ts";

/** What any cluster must know of a job. */
export interface ContainerJob {
  /** Id of the stage. */
  id: string;
  /** `train` for `stages/train.ts`. */
  uses: string;
  /** The key of its result; undefined as long as what it needs is not there. */
  key: string | undefined;
  /** Ids of stages whose jobs must have succeeded before. */
  needs: string[];
  /** Program and arguments. */
  command: string[];
  env: Record<string, string>;
  cpu: number;
  /** Bytes; undefined for no limit. */
  memory: number | undefined;
  gpu: number;
  /** Seconds after which it cannot be at work any more; undefined for no limit. */
  seconds: number | undefined;
  /** Seconds that it needs to end by itself once it was asked to. */
  graceSeconds: number;
  /** How often it may be lost. */
  retries: number;
}

/** What jobs are made with besides the stage. */
export interface JobSurroundings {
  /** Program and arguments that run the stage with this id. */
  commandOf: (id: string) => string[];
  env: Record<string, string>;
  /** Bytes, for stages that do not say how much they need. */
  memory: number | undefined;
  /** Seconds, for stages without a timeout. */
  time: number | undefined;
}

/** Bytes that the runner needs beside its stage. */
const RUNNER_MEMORY = 256 * 2 ** 20;

/** Seconds of an attempt besides the stage: to start, and to rest before another one at most. */
const AROUND = 120;

/** Seconds in which the runner has written all down once its stage is gone. */
const LAST_WORDS = 15;

/** Makes the job. Its runner keeps the stage's limits; those of the job are there if it cannot. */
export function containerJob({ planned, needs }: Due, around: JobSurroundings): ContainerJob {
  const { id, uses, resources, retries, timeoutSeconds, graceSeconds = GRACE } = planned.instance;
  const { cpu, gpu, moreMemory = [] } = resources;
  const memory = moreMemory.at(-1) ?? resources.memory ?? around.memory;
  const seconds = timeoutSeconds ?? around.time;
  const attempts = 1 + retries + moreMemory.length;
  return {
    id,
    uses,
    key: planned.status === "would-run" ? planned.key : undefined,
    needs,
    command: around.commandOf(id),
    env: around.env,
    cpu,
    gpu,
    memory: memory === undefined ? undefined : memory + RUNNER_MEMORY,
    seconds: seconds && Math.ceil(attempts * (seconds + graceSeconds + AROUND)),
    graceSeconds: Math.ceil(graceSeconds + LAST_WORDS),
    retries,
  };
}
