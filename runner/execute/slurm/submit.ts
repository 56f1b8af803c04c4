/**
 * Hands jobs to Slurm: those of one matrix that want the same, in the same moment, as one array.
 *
 * @module
 */
import { Batch } from "./batch.ts";
import { type SlurmClient, SlurmError } from "./client.ts";
import { dispatchScript } from "./script.ts";

/** A job to be submitted. */
export interface Submission {
  /** The stage's name without its cell: jobs of one name may be one array. */
  name: string;
  /** The key of the stage. */
  key: string;
  token: string;
  /** The script of the stage. */
  script: string;
  /** Arguments of `sbatch`. */
  args: string[];
  /** Hears, before Slurm does, how the job will be known: this must be on the disk before it is. */
  onComment(comment: string, index: number | null): void;
  /** Hears which job it has become. */
  onId(id: string): void;
  /** Hears that Slurm does not take it. */
  onRefused(error: SlurmError): void;
}

/** How a submitter waits, in milliseconds; tests are less patient. */
export interface SubmitPace {
  /** Without another job for so long, those gathered go. */
  gather: number;
  /** Before the second try; doubles with each. */
  backOff: number;
  /** Tries at a Slurm that does not answer. */
  tries: number;
}

/** Slurm's default allows indices up to 1000. */
const LARGEST_ARRAY = 500;

/** Milliseconds between tries at most. */
const LONGEST_WAIT = 60_000;

/** Submits, and tries again where that makes sense. */
export class Submitter {
  readonly #batch: Batch<Submission>;
  readonly #withdrawn = new WeakSet<Submission>();
  /** Those that wait for another try. */
  readonly #resting = new Set<Submission>();

  /**
   * @param find the id of a job with this comment, if Slurm has one
   * @param notify tells the person what takes time
   */
  constructor(
    private readonly client: SlurmClient,
    private readonly project: string,
    private readonly find: (comment: string) => Promise<string | undefined>,
    private readonly notify: (text: string) => void,
    private readonly pace: SubmitPace,
  ) {
    this.#batch = new Batch((all) => {
      for (const group of groups(all)) void this.#submit(group, 1);
    }, pace.gather);
  }

  /** Submits soon. */
  add(submission: Submission): void {
    this.#batch.add(submission);
  }

  /**
   * Takes it back. Slurm may have it nevertheless: then `onId` is still called.
   *
   * @returns whether it is not on its way just now; if it is, `onId` or `onRefused` tells how that ends
   */
  withdraw(submission: Submission): boolean {
    this.#withdrawn.add(submission);
    return this.#batch.withdraw(submission) || this.#resting.has(submission);
  }

  async #submit(group: Submission[], tried: number): Promise<void> {
    const wanted = group.filter((each) => !this.#withdrawn.has(each));
    const back = group.filter((each) => this.#withdrawn.has(each));
    back.forEach((each) => each.onRefused(new SlurmError("refused", "taken back")));
    if (wanted.length === 0) return;
    const [{ key, token, name, args }] = wanted;
    const comment = `sr4ir:${key}:${token}:${tried}`;
    const isArray = wanted.length > 1;
    try {
      wanted.forEach((each, i) => each.onComment(comment, isArray ? i : null));
      const said = await this.client("sbatch", [
        "--parsable",
        `--job-name=${name}`,
        `--comment=${comment}`,
        `--chdir=${this.project}`,
        "--output=/dev/null", // the script has a log of its own
        "--export=NIL", // and an environment
        ...(isArray ? [`--array=0-${wanted.length - 1}`] : []),
        ...args,
      ], dispatchScript(wanted.map(({ script }) => script)));
      this.#accepted(wanted, said.trim().split(";")[0]);
    } catch (error) {
      if (!(error instanceof SlurmError)) {
        const message = error instanceof Error ? error.message : String(error);
        wanted.forEach((each) => each.onRefused(new SlurmError("refused", message)));
        return;
      }
      await this.#failed(wanted, comment, tried, error);
    }
  }

  #accepted(group: Submission[], id: string): void {
    group.forEach((each, i) => each.onId(group.length > 1 ? `${id}_${i}` : id));
  }

  async #failed(
    group: Submission[],
    comment: string,
    tried: number,
    error: SlurmError,
  ): Promise<void> {
    const isFinal = error.problem === "refused" || error.problem === "missing" ||
      (error.problem === "unreachable" && tried >= this.pace.tries);
    if (isFinal) {
      group.forEach((each) => each.onRefused(error));
      return;
    }
    if (tried === 1) this.notify(`${error.message}; trying again`);
    const wait = Math.min(LONGEST_WAIT, this.pace.backOff * 2 ** (tried - 1));
    group.forEach((each) => this.#resting.add(each));
    await new Promise((resolve) => setTimeout(resolve, wait));
    group.forEach((each) => this.#resting.delete(each));
    // What did not answer may have taken the job all the same.
    const id = await this.find(comment).catch(() => undefined);
    if (id !== undefined) return this.#accepted(group, id.split("_")[0]);
    // Fewer may fit a limit where all do not.
    const half = Math.ceil(group.length / 2);
    const parts = error.problem === "busy" && group.length > 1
      ? [group.slice(0, half), group.slice(half)]
      : [group];
    await Promise.all(parts.map((part) => this.#submit(part, tried + 1)));
  }
}

/** Those that can be one array, each no longer than Slurm takes. */
function groups(all: Submission[]): Submission[][] {
  const byWishes = Map.groupBy(all, ({ name, args }) => JSON.stringify([name, args]));
  return [...byWishes.values()].flatMap((group) =>
    Array.from(
      { length: Math.ceil(group.length / LARGEST_ARRAY) },
      (_, i) => group.slice(i * LARGEST_ARRAY, (i + 1) * LARGEST_ARRAY),
    )
  );
}
