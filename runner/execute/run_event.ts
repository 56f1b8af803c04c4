/**
 * What happens during a run, as the terminal and other readers hear of it; and how it ended.
 *
 * @module
 */
import type { ReportedTable, StageUsage } from "../plan/record.ts";
import type { Resources } from "../pipeline/instance.ts";
import type { Failure } from "./executor.ts";

/** Something a person may want to see at once. */
export type RunEvent =
  /** `remote`: it came from the remote cache. */
  | { type: "hit"; id: string; key: string; remote?: true }
  /**
   * `gpus`: ids of those that are its own for now. `resources`: what it asked for. Checks and audits,
   * which store nothing, tell neither these nor a key.
   */
  | {
    type: "started";
    id: string;
    reason: string;
    key?: string;
    gpus?: string[];
    resources?: Resources;
  }
  | {
    type: "progress";
    id: string;
    done: number;
    total: number;
    unit: string;
    metrics: Record<string, number>;
  }
  | { type: "log"; id: string; line: string }
  | { type: "ran"; id: string; seconds: number }
  /** `log`: path of all that it printed. */
  | { type: "failed"; id: string; failure: Failure; log?: string }
  | {
    type: "retrying";
    id: string;
    failure: Failure;
    attempt: number;
    attempts: number;
    waitSeconds: number;
    /** Bytes, where it gets more than before. */
    memory?: number;
  }
  /** Another runner on the same store is at work on it. */
  | { type: "held"; id: string; key: string; host: string; pid: number }
  | { type: "skipped"; id: string; reason: string }
  | { type: "interrupted"; id: string }
  /** Something that is not part of any stage, e.g. the tensor library, is being fetched. */
  | { type: "setup"; what: string; done: number; total: number; unit: string }
  /** `what`: only that is done; otherwise all. */
  | { type: "setup-done"; what?: string }
  | { type: "notice"; text: string };

/** How one stage ended. */
export interface StageResult extends StageUsage {
  id: string;
  uses: string;
  status: "hit" | "ran" | "failed" | "skipped" | "would-run";
  /** Null if it was never known. */
  key: string | null;
  reason: string;
  /** Of a failed stage, whose `reason` is the message. `tail`: the last lines of its log. */
  failure?: { kind: Failure["kind"]; log?: string; tail: string[] };
  /** What this run spent on it. */
  seconds: number;
  /** Output name → digest; empty unless it is a hit or ran. */
  outputs: Record<string, string>;
  metrics: Record<string, number | null>;
  tables: ReportedTable[];
  /** A hit that is, or was until now, in the remote cache only. */
  remote?: true;
  /** In a plan: the key of its result, which was made with other params that its stage has not read. */
  storedAs?: string;
}

/** How a run ended. */
export interface RunResult {
  status: "ok" | "failed" | "interrupted";
  stages: StageResult[];
}
