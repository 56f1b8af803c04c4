/**
 * What a person should know of jobs that are written: they will run, but not as they could.
 *
 * @module
 */
import { listed } from "../ui/format.ts";
import type { ContainerJob } from "./container_job.ts";
import type { Due } from "./wave.ts";

/** A stage and its job. */
export interface Written {
  due: Due;
  job: Pick<ContainerJob, "env">;
}

/** Seconds that AWS Batch gives every job between asking it to end and ending it. */
const AWS_GRACE = 30;

/** Any of these leads to a tensor library that has been fetched before. */
const LEADS_TO_LIBRARY = ["HOME", "XDG_CACHE_HOME", "SR4IR_TENSORFLOW"];

/** What holds for all jobs. */
export interface NoteOptions {
  /** With what stages compute. */
  backend: string;
  isAwsBatch: boolean;
  /** Whether the address of the remote cache was left out, as it says who one is. */
  hidesRemote: boolean;
}

/** All that is to be said, one line each. */
export function notesOn(
  written: Written[],
  { backend, isAwsBatch, hidesRemote }: NoteOptions,
): string[] {
  const idsOf = (isMeant: (one: Written) => boolean) =>
    written.filter(isMeant).map(({ due: { planned: { instance } } }) => instance.id);
  const fetching = backend !== "tensorflow"
    ? []
    : idsOf(({ due, job: { env } }) =>
      due.planned.instance.contract.compute === true &&
      !LEADS_TO_LIBRARY.some((name) => Object.hasOwn(env, name))
    );
  const hurried = !isAwsBatch
    ? []
    : idsOf(({ due }) => (due.planned.instance.graceSeconds ?? 0) > AWS_GRACE);
  return [
    ...(fetching.length === 0 ? [] : [
      `${
        listed(fetching)
      }: fetches TensorFlow anew, unless the image has it: your home folder is ` +
      `on no volume; let env name a folder that is, as XDG_CACHE_HOME`,
    ]),
    ...(hurried.length === 0 ? [] : [
      `${listed(hurried)}: has less time to save than its grace: AWS Batch ends a job ` +
      `${AWS_GRACE} seconds after it asked`,
    ]),
    ...(hidesRemote && written.length > 0
      ? [
        "jobs do not use the remote cache: its address has a user or password, which is not " +
        "written down; give it to containers as SR4IR_REMOTE, from a secret",
      ]
      : []),
  ];
}
