/**
 * A Slurm that does what a test says, in this process: nothing runs, jobs have the states and leave
 * the files that they are told.
 *
 * @module
 */
import { join } from "node:path";
import type { StageEvent } from "../../../../runner/execute/events.ts";
import type { Executor, Job, RunningJob } from "../../../../runner/execute/executor.ts";
import { type SlurmClient, SlurmError } from "../../../../runner/execute/slurm/client.ts";
import { type ClusterConfig, defaultConfig } from "../../../../runner/execute/slurm/config.ts";
import { slurmExecutor, type SlurmPace } from "../../../../runner/execute/slurm/executor.ts";
import { jobFiles, readRecord } from "../../../../runner/execute/slurm/record.ts";
import { testFolder } from "../../../helpers/folder.ts";

/** One job that was submitted. */
export interface FakeJob {
  id: string;
  state: string;
  reason: string;
  comment: string;
}

/** The fake, with a work folder for each stage. */
export class FakeCluster implements Disposable {
  readonly #folder = testFolder();
  /** Arguments of each call of `sbatch`. */
  readonly submitted: string[][] = [];
  /** All other calls but `squeue`, e.g. `scancel --state=PENDING 1`. */
  readonly calls: string[] = [];
  /** Those that `squeue` lists. */
  readonly jobs = new Map<string, FakeJob>();
  readonly notices: string[] = [];
  /** What the next calls of a program fail with, one each. */
  readonly errors: Record<string, SlurmError[]> = {};
  /** Whether `sbatch` takes the job before it fails. */
  takesThenFails = false;
  /** What `sacct` prints; undefined where Slurm keeps no accounts. */
  accounts: string | undefined;
  /** What `scontrol` says of how a job ended. */
  exitCode = "0:0";
  #next = 1;

  readonly client: SlurmClient = (program, args) => {
    const error = this.errors[program]?.shift();
    if (error && !(program === "sbatch" && this.takesThenFails)) return Promise.reject(error);
    switch (program) {
      case "sbatch": {
        this.submitted.push(args);
        const id = String(this.#next++);
        const comment = value(args, "--comment") ?? "";
        const last = /^0-(\d+)$/.exec(value(args, "--array") ?? "")?.[1];
        const ids = last === undefined
          ? [id]
          : Array.from({ length: Number(last) + 1 }, (_, i) => `${id}_${i}`);
        for (const id of ids) {
          this.jobs.set(id, { id, state: "PENDING", reason: "Resources", comment });
        }
        return error ? Promise.reject(error) : Promise.resolve(`${id}\n`);
      }
      case "squeue":
        return Promise.resolve(
          [...this.jobs.values()].map(({ id, state, reason, comment }) =>
            `${id}|${state}|${reason}|${comment}\n`
          ).join(""),
        );
      case "sacct":
        if (this.accounts !== undefined) return Promise.resolve(this.accounts);
        return Promise.reject(new SlurmError("refused", "Slurm accounting storage is disabled"));
      case "scontrol":
        if (args.includes("show")) {
          return Promise.resolve(`JobId=1 ExitCode=${this.exitCode} X=1\n`);
        }
        this.calls.push([program, ...args].join(" "));
        return Promise.resolve("");
      default:
        this.calls.push([program, ...args].join(" "));
        return Promise.resolve("");
    }
  };

  /** Milliseconds that have passed for jobs besides those that the tests take. */
  passed = 0;

  /** An executor as each runner makes one. */
  executor(config: Partial<ClusterConfig> = {}, pace: Partial<SlurmPace> = {}): Executor {
    return slurmExecutor({
      project: "/project",
      denoConfig: undefined,
      config: { ...defaultConfig(), deno: "/shared/deno", ...config },
      notify: (text) => this.notices.push(text),
      client: this.client,
      now: () => performance.now() + this.passed,
      pace: {
        files: 2,
        queue: 4,
        quietQueue: 8,
        gather: 5,
        backOff: 5,
        tries: 3,
        settle: 30,
        ...pace,
      },
    });
  }

  /** A stage with its work folder. */
  job(id = "it", change: Partial<Job> = {}): Job {
    const folder = join(this.#folder.path, id.replace("/", "-"));
    Deno.mkdirSync(join(folder, "scratch"), { recursive: true });
    const events = join(folder, "events");
    const request = {
      id,
      entry: "/project/stages/some.ts",
      params: {},
      inputs: {},
      outputs: { out: join(folder, "out/out") },
      scratch: join(folder, "scratch"),
      events,
      cpus: 1,
      checkpointSeconds: 600,
      runner: 1234,
    };
    return {
      request,
      uses: "some",
      key: "0123456789abcdef".repeat(4),
      folder,
      requestFile: join(folder, "request.json"),
      log: join(folder, "log"),
      permissions: ["--allow-read=/some"],
      env: { HOME: "/home/me", CUDA_VISIBLE_DEVICES: "" },
      resources: { cpu: 1, gpu: 0 },
      timeoutSeconds: undefined,
      graceSeconds: undefined,
      readsData: false,
      ...change,
    };
  }

  /** Waits until `n` calls of `sbatch` were answered and the ids written down. */
  async untilSubmitted(job: Job, n: number): Promise<string> {
    return await until(() => {
      const id = readRecord(job.folder)?.id ?? undefined;
      return this.submitted.length >= n && id !== undefined ? id : undefined;
    });
  }

  /** The script starts. */
  begins(job: Job, state = "RUNNING"): void {
    const record = readRecord(job.folder);
    Deno.writeTextFileSync(jobFiles(job.folder, record?.token ?? "").started, "");
    this.is(record?.id ?? "", state);
  }

  /** The script ends, e.g. `0 -`, and Slurm may notice. */
  ends(job: Job, exit: string, state?: string): void {
    const record = readRecord(job.folder);
    Deno.writeTextFileSync(jobFiles(job.folder, record?.token ?? "").exit, `${exit}\n`);
    if (state !== undefined) this.is(record?.id ?? "", state);
  }

  /** Slurm says something else of a job. */
  is(id: string, state: string, reason = "None"): void {
    const job = this.jobs.get(id);
    if (job) this.jobs.set(id, { ...job, state, reason });
  }

  /** The stage says something. */
  says(job: Job, ...events: StageEvent[]): void {
    const lines = events.map((event) => JSON.stringify(event) + "\n").join("");
    Deno.writeTextFileSync(job.request.events, lines, { append: true });
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

/** Waits for something that will happen; how long that takes decides nothing. */
export async function until<T>(look: () => T | undefined): Promise<T> {
  for (let i = 0; i < 2000; i++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("Waited ten seconds in vain");
}

/** `finished`, `interrupted`, or the kind and message of a failure. */
export async function ending({ outcome }: RunningJob): Promise<string> {
  const found = await outcome;
  return found.status === "failed"
    ? `${found.failure.kind}: ${found.failure.message}`
    : found.status;
}

function value(args: string[], name: string): string | undefined {
  return args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}
