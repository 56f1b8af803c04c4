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
import { encodeBeginning, encodeNotes, type StageNote } from "./open_run.ts";
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
  store: Pick<Store, "beginRun" | "addToRun" | "putRun">,
  { pipeline, sets, runtime, root }: RunBeginning,
): RunNotes {
  const started = new Date();
  const attempts = new Map<string, number>();
  const unsaid: StageNote[] = [];
  const { name, file, profile, params } = pipeline;
  const path = relative(root, resolve(file));
  const id = newRunId(started);
  const facts = {
    id,
    pipeline: name,
    file: path.startsWith("..") ? resolve(file) : path,
    profile,
    sets,
    params,
    startedAt: started.toISOString(),
    host: describeHost(),
    deno: Deno.version.deno,
    runtime,
  };
  store.beginRun(id, encodeBeginning(facts, pipeline));
  return {
    id,
    hear(event) {
      if (event.type === "retrying") attempts.set(event.id, event.attempt);
      if (!isEnd(event)) return;
      const seconds = event.type === "ran" ? event.seconds : 0;
      unsaid.push({ id: event.id, status: event.type, seconds, at: new Date().toISOString() });
      // Hits come by the hundred, and are told with the next that took time.
      if (event.type === "hit" || event.type === "skipped") return;
      store.addToRun(id, encodeNotes(unsaid.splice(0)));
    },
    end(result) {
      const all = { ...facts, endedAt: new Date().toISOString() };
      store.putRun(id, encodeRun(runRecord(all, pipeline, result, attempts)));
    },
  };
}

/** How a stage has ended, once and for all. */
function isEnd(event: RunEvent): event is Extract<RunEvent, { type: StageNote["status"] }> {
  return ["hit", "ran", "failed", "skipped"].includes(event.type);
}
