/**
 * The contract between the runner and a stage: what a stage takes, makes and may touch.
 *
 * A stage is one file in `stages/` whose default export is `defineStage({...})`. Runner and stages
 * share this file and folders on disk, nothing else.
 *
 * @module
 */
import { z } from "zod";

/** An input or output of a stage: a folder of a named kind. */
export interface Artifact {
  /**
   * Kinds that fit, e.g. `["images"]`. An output has exactly one. In an input's kinds `<name>` stands
   * for the value of the param of that name, and `*` for anything.
   */
  kinds: string[];
  /** An optional input may be left unconnected; `inputs.<name>` is then undefined. */
  optional: boolean;
  /** An input that takes any number of artifacts; `inputs.<name>` is then a record by producer id. */
  many: boolean;
}

/**
 * Declares one folder of the given kind. An input may accept several kinds, a kind that depends on a
 * param (`artifact("<task>_dataset")`), or all of a family (`artifact("*_dataset")`).
 */
export function artifact<const K extends string>(
  kinds: K | readonly K[],
): Artifact & { optional: false; many: false } {
  return { kinds: typeof kinds === "string" ? [kinds] : [...kinds], optional: false, many: false };
}

/** Declares an input that may be left unconnected. */
export function optional(input: Artifact): Artifact & { optional: true; many: false } {
  return { ...input, optional: true, many: false };
}

/** Declares an input that takes all outputs of a matrix, keyed by the id of the stage instance. */
export function many(input: Artifact): Artifact & { optional: false; many: true } {
  return { ...input, optional: false, many: true };
}

/** What a parameter's schema tells the runner beyond its type (see {@link moduleIn}). */
export interface ParamMeta {
  /** The value names a module of this folder; its `options` schema checks the `optionsIn` sibling. */
  moduleIn?: string;
  /** The value is a path outside the store; its content is hashed into the key, not its name. */
  external?: boolean;
}

/** Reads what {@link moduleIn} and {@link externalPath} have attached to a schema. */
export const paramMeta: z.core.$ZodRegistry<ParamMeta> = z.registry<ParamMeta>();

/**
 * A parameter that chooses a module by name: `moduleIn("models/sr")` takes `edsr` for
 * `models/sr/edsr.ts`. The chosen file joins the stage's key and its sandbox.
 */
export function moduleIn(folder: string): z.ZodString {
  return z.string().register(paramMeta, { moduleIn: folder }) as z.ZodString;
}

/**
 * A parameter that is the path of a file or folder on this machine, relative to the project. Its
 * content counts in the key, its name does not; the stage may read it.
 */
export function externalPath(): z.ZodString {
  return z.string().min(1).register(paramMeta, { external: true }) as z.ZodString;
}

/** Tells the person who waits what a stage is doing. Values also land in the run's record. */
export interface Reporter {
  /** Work done so far. `metrics` are the latest values to show beside the bar, e.g. `{ loss: 0.1 }`. */
  progress(done: number, total: number, unit: string, metrics?: Record<string, number>): void;
  /** One point of a curve, e.g. `point("loss", 120, 0.31)`. */
  point(name: string, step: number, value: number): void;
  /** A final result, e.g. `metric("AP", 47.6)`. It appears in the run's `metrics`. */
  metric(name: string, value: number | null): void;
  /** A table to show when the run ends. `rows` hold text or numbers, one per column. */
  table(title: string, columns: string[], rows: (string | number | null)[][]): void;
  /** One line for the stage's log and, unless quiet, the terminal. */
  log(line: string): void;
}

type InputPath<A> = A extends { many: true } ? Record<string, string>
  : A extends { optional: true } ? string | undefined
  : string;

/** What `run()` is handed. All paths are absolute folders that exist. */
export interface StageContext<
  P extends z.ZodType = z.ZodType,
  I extends Record<string, Artifact> = Record<string, Artifact>,
  O extends Record<string, Artifact> = Record<string, Artifact>,
> {
  /** Checked, with defaults. It is noted which are read: the result depends on no others. */
  params: z.output<P>;
  /** Folders to read; for an input that takes many, folders by the id of the stage that made them. */
  inputs: { [N in keyof I]: InputPath<I[N]> };
  /** Empty folders to fill. */
  outputs: { [N in keyof O]: string };
  /** Survives an interruption and belongs to this key alone: checkpoints go here. */
  scratch: string;
  /** Seconds after which long work should save where it stands, again and again. */
  checkpointSeconds: number;
  /** Threads to compute with. */
  cpus: number;
  /** Aborted when the person presses Ctrl-C or the time is up: save a checkpoint and return. */
  signal: AbortSignal;
  /** Where to say how the work goes and what came of it. */
  report: Reporter;
}

/** What a stage declares. */
export interface StageContract<
  P extends z.ZodType = z.ZodType,
  I extends Record<string, Artifact> = Record<string, Artifact>,
  O extends Record<string, Artifact> = Record<string, Artifact>,
> {
  /** One line for help and plans. */
  summary: string;
  /** Bump it to declare that the same inputs now mean another result. */
  version?: number;
  /** What `with` may say; each field with a description, and a default where one is sensible. */
  params: P;
  /** What it reads, by the names that `inputs` uses. */
  inputs: I;
  /** What it makes, by the names behind the dot of a reference. */
  outputs: O;
  /** Computes with tensors: may load the native library; backend and thread count join the key. */
  compute?: boolean;
  /** Decodes or encodes pictures: may load the image codec's native code. */
  images?: boolean;
  /** Hosts (`name` or `name:port`) the stage may talk to, given its params. */
  net?: (params: z.output<P>) => string[];
  /** Does the work. Import what is heavy in here, so that planning stays quick. */
  run(context: StageContext<P, I, O>): Promise<void>;
}

/** Checks a contract's types and returns it unchanged. */
export function defineStage<
  P extends z.ZodType,
  I extends Record<string, Artifact>,
  O extends Record<string, Artifact>,
>(contract: StageContract<P, I, O>): StageContract<P, I, O> {
  return contract;
}

/**
 * A mistake of the person, not of the program: shown without a stack trace. Give what happened,
 * where, what was expected and what to do, e.g.
 * `Cannot read images/a.jpg: it is a GIF; convert it to JPEG or remove it from annotations.json`.
 */
export class StageError extends Error {
  /** By this name the process that runs the stage knows it. */
  override name = "StageError";
}
