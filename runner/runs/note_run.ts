/**
 * Notes a run from its beginning to its end.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import { describeHost } from "../execute/host.ts";
import type { RunEvent, RunResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import type { Runtime } from "../plan/key.ts";
import { newRunId } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { encodeRun, runRecord } from "./run_record.ts";

/** Listens to one run. */
export interface RunNotes {
  id: string;
  /** Takes the next event. */
  hear(event: RunEvent): void;
  /** Writes the manifest. */
  end(result: RunResult): void;
}

/** What is known of a run when it begins. */
export interface RunBeginning {
  pipeline: Pipeline;
  sets: string[];
  runtime: Runtime;
  /** Absolute path of the project. */
  root: string;
}

/** Begins to take notes; the clock starts now. */
export function noteRun(
  store: Pick<Store, "putRun">,
  { pipeline, sets, runtime, root }: RunBeginning,
): RunNotes {
  const started = new Date();
  const attempts = new Map<string, number>();
  const { name, file, profile, params } = pipeline;
  const path = relative(root, resolve(file));
  const id = newRunId(started);
  return {
    id,
    hear(event) {
      if (event.type === "retrying") attempts.set(event.id, event.attempt);
    },
    end(result) {
      const facts = {
        id,
        pipeline: name,
        file: path.startsWith("..") ? resolve(file) : path,
        profile,
        sets,
        params,
        startedAt: started.toISOString(),
        endedAt: new Date().toISOString(),
        host: describeHost(),
        deno: Deno.version.deno,
        runtime,
      };
      store.putRun(id, encodeRun(runRecord(facts, pipeline, result, attempts)));
    },
  };
}
