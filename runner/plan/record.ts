/**
 * What is known of a stage instance: what its key is made of, and what came of running it.
 *
 * @module
 */
import type { StageInstance } from "../pipeline/instance.ts";

/** Everything that makes a result what it is. Two runs with equal keys are the same run. */
export interface KeyMaterial {
  /** Bump when the store's layout or this type changes: old entries then simply never match. */
  format: 1;
  /** A stage's name and declared version. */
  stage: { name: string; version: number };
  /**
   * Module (project-relative) or npm package (`npm:name@version`) → digest. Comments and types of
   * modules are stripped first: prose costs no rerun.
   */
  code: Record<string, string>;
  /** After defaults, so that writing a default out changes nothing. External paths are digests. */
  params: Record<string, unknown>;
  /** Input name → output digests, not stage names: an upstream rerun with equal bytes changes nothing. */
  inputs: Record<string, string | Record<string, string>>;
  /** Only what can change bits, and only for compute stages: backend, library version, threads. */
  runtime: Record<string, string>;
}

/** A table a stage reported (`report.table`). */
export interface ReportedTable {
  title: string;
  columns: string[];
  rows: (string | number | null)[][];
}

/** What is known of an attempt's process once it is gone. */
export interface ProcessEnd {
  /** Absent if a signal has ended it, or nobody saw how it ended. */
  exitCode?: number;
  /** E.g. `SIGKILL`. */
  signal?: string;
  /** The most memory that it had, with all that it has started, in bytes; absent if nobody knows. */
  peakMemory?: number;
}

/** An attempt at a stage that has failed. */
export interface FailedAttempt extends ProcessEnd {
  /** From 1. */
  attempt: number;
  /** As of `Failure` in `execute/executor.ts`. */
  kind: string;
  message: string;
  seconds: number;
}

/** What running a stage took, over all its attempts. */
export interface StageUsage {
  /** The most memory that any of them had, in bytes; absent if nobody knows. */
  peakMemory?: number;
  /** Absent if none has failed. */
  failures?: FailedAttempt[];
}

/** Paths of params, such as `["sr", "epochs"]`. A mapping stands for its keys, a list for all in it. */
export type ReadParams = string[][];

/** What came of running a stage: stored under its key. */
export interface ActionRecord extends StageUsage {
  key: string;
  material: KeyMaterial;
  /** Output name → digest of its tree. */
  outputs: Record<string, string>;
  /** Present if the outputs were never here: the record is there to be looked at, and is no hit. */
  bare?: true;
  metrics: Record<string, number | null>;
  tables: ReportedTable[];
  /** Reported curves: name → [step, value] pairs. */
  curves: Record<string, [number, number][]>;
  /** Instance id and pipeline that made it (provenance, not key). */
  madeBy: { pipeline: string; id: string };
  /**
   * The params on which it depends, sorted, and the keys of them all. Absent if that is not known: then
   * it depends on every one.
   */
  readParams?: ReadParams;
  /** How it was run, if that was with other params of which it has read the same. */
  ranAs?: { key: string; params: Record<string, unknown> };
  /** Present if it took anything from outside the store: by param the real path, and hosts. */
  outside?: { paths: Record<string, string>; hosts: string[] };
  startedAt: string;
  seconds: number;
  host: { name: string; cpu: string; os: string };
  /** Digest of the stage's log. */
  log: string;
  /** What has been found out by running it again; absent means that nobody has tried. */
  verified?: {
    /** When it made the same bytes in another folder, with another clock, on one processor. */
    deterministic?: string;
    /** When it made the same bytes after it had been stopped and gone on. */
    resumable?: string;
  };
}

/** An instance with its fate. */
export type PlannedStage =
  & { instance: StageInstance; reason: string }
  & (
    /**
     * `remote`: in the remote cache, not here. `storedAs`: the key under which its result lies, if that
     * was made with other params.
     */
    | { status: "hit"; key: string; record: ActionRecord; remote?: true; storedAs?: string }
    | { status: "would-run"; key: string; material: KeyMaterial }
    /** Waits for stages that would run; its key is known once they are done. */
    | {
      status: "unknown";
      waitsFor: string[];
      /** As far as it is known: without inputs. */
      material: KeyMaterial;
    }
  );
