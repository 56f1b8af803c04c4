/**
 * What the commands are given: their options as the command line reads them, and where things are.
 *
 * @module
 */
import { join, resolve } from "node:path";
import type { Colors } from "picocolors/types";
import type { Download } from "../execute/shared_results.ts";
import type { Runtime } from "../plan/plan.ts";
import type { Pipeline } from "../pipeline/instance.ts";

/** Exit code for a person's mistake, on the command line or in a file. */
export const USER_MISTAKE = 2;

/** Where tensors may be computed; `auto` takes the fastest that is there. */
export const BACKENDS = ["auto", "tensorflow", "webgpu", "wasm"] as const;

/** One of {@link BACKENDS}. */
export type Backend = typeof BACKENDS[number];

/** Which files of results in the remote cache are fetched; `run --help` says what each means. */
export const DOWNLOADS = ["results", "all", "needed"] as const satisfies Download[];

/** What the runner asks of the tensor room, handed in by `main.ts`: it is not the runner's business. */
export interface TensorRuntime {
  /** Which backend a choice comes to on this machine. Fetches nothing. */
  describeRuntime(choice: Backend): Promise<Runtime>;
  /** Makes it ready to be loaded; the first time that may mean a download. */
  prepareRuntime(
    choice: Backend,
    /** Hears how much of what is done, in bytes. */
    progress: (done: number, total: number, what: string) => void,
  ): Promise<Runtime & { env: Record<string, string>; read: string[]; notice?: string }>;
}

/** What every command knows. */
export interface Surroundings {
  /** Absolute real path of the project. */
  root: string;
  colors: Colors;
  /** Loaded when a stage computes, not before. */
  tensors: () => Promise<TensorRuntime>;
}

/** Options that `run` and `plan` share. */
export interface PlanOptions {
  profile?: string;
  set?: string[];
  store?: string;
  backend: Backend;
  /** Address or folder of a remote cache. */
  remote?: string;
  /** Give it nothing. */
  remoteReadOnly?: boolean;
  /** Give it only what was verified to be deterministic. */
  remoteStrict?: boolean;
  verify?: boolean;
  json?: boolean;
  /** Only these stages and what they need; see `pipeline/select.ts` for what names a stage. */
  until?: string[];
  /** Only these stages; what they need must be stored. */
  only?: string[];
  /** These stages run again though they are stored. */
  force?: string[];
}

/** Stages to run once more: nothing but these and what they need is run. */
export interface CheckOptions {
  /** To see what they touch; what they need must be stored. */
  audit?: string[];
  /** To see whether they make the same bytes. */
  check?: string[];
  /** The same with interruptions. */
  checkResume?: string[];
}

/** Options of `run`. */
export interface RunCommandOptions extends PlanOptions, CheckOptions {
  jobs?: number;
  /** How many GPUs, or their ids; see `execute/gpus.ts`. */
  gpus?: string;
  /** How many there are of what stages take slots of. */
  slots?: Record<string, number>;
  /** Where stages run; default `local`. */
  executor?: "local" | "slurm";
  /** Path of the file that says what the cluster wants to know. */
  cluster?: string;
  /** The default's name. */
  keepGoing?: boolean;
  failFast?: boolean;
  /** Show the whole logs of all stages. */
  logs?: boolean;
  /** Print events as lines of JSON. */
  events?: boolean;
  quiet?: boolean;
  /** Which files of results in the remote cache are fetched. */
  remoteDownload?: Download;
  /** How often the stages of `checkResume` are stopped. */
  stops?: number;
}

/** The store's folder: the option, else the environment, else inside the project. */
export function storeFolder(root: string, option: string | undefined): string {
  return resolve(option ?? (Deno.env.get("SR4IR_STORE") || join(root, ".store")));
}

/** Writes to standard output. */
export function print(text: string): void {
  writeAll(Deno.stdout, text);
}

/** Writes to standard error. */
export function printError(text: string): void {
  writeAll(Deno.stderr, text);
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // e.g. `| head` has seen enough
  }
}

/** Paths of the local modules among what a stage reaches. */
export function codePaths(root: string, code: Record<string, string> = {}): string[] {
  return Object.keys(code).filter((id) => !id.startsWith("npm:")).map((id) => resolve(root, id));
}

/** Whether any stage needs the tensor room at all. */
export function computes({ stages }: Pipeline): boolean {
  return stages.some(({ contract }) => contract.compute);
}
