/**
 * What the runner hands to the process of a stage: one JSON file, its path is the only argument.
 *
 * @module
 */

/** Everything a stage's process must know. All paths are absolute. */
export interface StageRequest {
  /** Id of the instance, for messages. */
  id: string;
  /** The stage's file. */
  entry: string;
  /** Checked, with defaults; external paths as real paths. */
  params: Record<string, unknown>;
  /** Input name → folder, or producer id → folder for an input that takes many. */
  inputs: Record<string, string | Record<string, string>>;
  /** Output name → empty folder. */
  outputs: Record<string, string>;
  scratch: string;
  checkpointSeconds: number;
  /** File to append events to. */
  events: string;
  cpus: number;
  /** The process that started this one, without which it shall not go on; absent on a cluster. */
  runner?: number;
  /** Seconds that its clock is to be ahead; absent but for checks. */
  clockShift?: number;
}
