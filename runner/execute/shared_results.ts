/**
 * Results that other machines have made, as a run sees them.
 *
 * A result that is found is a hit at once; its files are fetched when a stage that runs here reads
 * them, or if a person wants them. Until then its record is in no store: what is stored is whole.
 *
 * @module
 */
import type { StageInstance } from "../pipeline/instance.ts";
import type { ActionRecord } from "../plan/record.ts";
import type { RemoteCache } from "../store/remote/remote.ts";
import type { ReadyStage } from "./job.ts";
import type { RunEvent } from "./run_event.ts";

/** Where a run looks before it runs a stage, and gives what it has made. */
export interface SharedResults {
  /** Whether looking is worth it. */
  readonly answers: boolean;
  /**
   * Finds a stage's result, and brings what is wanted of it into the store. Never fails: then there is
   * none.
   */
  fetch(stage: ReadyStage): Promise<ActionRecord | undefined>;
  /**
   * Brings outputs of a result that was found into the store.
   *
   * @param id of its stage
   * @returns false if they are not to be had any more; the result is then not found again either
   */
  bring(id: string, key: string, outputs: string[]): Promise<boolean>;
  /** Gives a result to the others, beside whatever else is done. */
  give(record: ActionRecord): void;
}

/**
 * Which outputs of results that are found are fetched, besides those that a stage here reads:
 * `results` those that no stage of the pipeline reads, which is what it is run for.
 */
export type Download = "results" | "all" | "needed";

/** Milliseconds that a transfer takes before it is worth a line. */
const WORTH_TELLING = 1000;

/** Uses a remote cache, and tells of transfers that take long. */
export function sharedResults(
  remote: RemoteCache,
  { stages, download, emit }: {
    /** Of the pipeline. */
    stages: StageInstance[];
    download: Download;
    emit: (event: RunEvent) => void;
  },
): SharedResults {
  const read = new Set(
    stages.flatMap(({ inputs }) =>
      Object.values(inputs).flat().map(({ id, output }) => `${id}.${output}`)
    ),
  );
  const lost = new Set<string>(); // by key
  const transfer = async <T>(
    what: string,
    work: (progress: (done: number, total: number) => void) => Promise<T>,
  ): Promise<T> => {
    const begun = performance.now();
    const result = await work((done, total) => {
      if (performance.now() - begun < WORTH_TELLING) return;
      emit({ type: "setup", what, done, total, unit: "bytes" });
    });
    emit({ type: "setup-done", what });
    return result;
  };
  return {
    get answers() {
      return remote.answers;
    },
    async fetch({ instance: { id, contract }, key }) {
      if (lost.has(key)) return undefined;
      const outputs = Object.keys(contract.outputs);
      const wanted = download === "all"
        ? outputs
        : download === "needed"
        ? []
        : outputs.filter((output) => !read.has(`${id}.${output}`));
      return await transfer(
        `${id} from the remote cache`,
        (progress) => remote.fetch({ key, outputs }, progress, wanted),
      );
    },
    async bring(id, key, outputs) {
      const came = await transfer(
        `files of ${id} from the remote cache`,
        (progress) => remote.bring(key, outputs, progress),
      );
      if (!came && !lost.has(key) && !remote.isStopped) {
        const text = `the remote cache gives the files of "${id}" no more: it is made again`;
        emit({ type: "notice", text });
        lost.add(key);
      }
      return came;
    },
    give: (record) => remote.giveLater(record),
  };
}

/** Waits at the end of a run until the others have what it made. */
export async function finishSharing(
  remote: RemoteCache,
  emit: (event: RunEvent) => void,
): Promise<void> {
  const what = "sharing results";
  await remote.finish((done, total) => emit({ type: "setup", what, done, total, unit: "bytes" }));
  emit({ type: "setup-done", what });
}
