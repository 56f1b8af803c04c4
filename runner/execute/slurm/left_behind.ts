/**
 * Jobs that a run on a cluster has left, met by a run on this machine.
 *
 * @module
 */
import { UserError } from "../../diagnostic.ts";
import { callSlurm, type SlurmClient, SlurmError } from "./client.ts";
import { Queue } from "./queue.ts";
import { jobFiles, readExit, readRecord, removeRecord, slurmFolder } from "./record.ts";
import { fateOf } from "./states.ts";

/**
 * Makes sure that no job works in a stage's folder.
 *
 * @throws {UserError} if one may: both would write to the same files
 */
export async function expectNoJob(folder: string, client: SlurmClient = callSlurm): Promise<void> {
  const record = readRecord(folder);
  if (record === undefined) return;
  const hasEnded = readExit(jobFiles(folder, record.token)) !== undefined;
  if (hasEnded || await isGone(record.id, record.comment, new Queue(client))) {
    removeRecord(folder);
    return;
  }
  const job = record.id === null ? "a job of Slurm" : `job ${record.id} of Slurm`;
  const cancel = record.id === null ? "end it" : `end it with scancel ${record.id}`;
  throw new UserError({
    message: `${job} may be at work on this stage: an earlier run has left it there`,
    notes: [
      "take it over with --executor slurm",
      `or ${cancel} and remove ${slurmFolder(folder)}`,
    ],
  });
}

async function isGone(id: string | null, comment: string, queue: Queue): Promise<boolean> {
  try {
    const { byId } = await queue.look();
    const entry = id === null
      ? [...byId.values()].find((each) => each.comment === comment)
      : byId.get(id);
    return entry === undefined || fateOf(entry.state) !== "alive";
  } catch (error) {
    if (error instanceof SlurmError) return false; // who cannot be asked may still be at work
    throw error;
  }
}
