/**
 * Takes notes of a run, from its beginning to its end.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import { describeHost } from "../execute/host.ts";
import type { Capacity } from "../execute/resources.ts";
import type { RunEvent, RunResult } from "../execute/run_event.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import type { Runtime } from "../plan/key.ts";
import { newRunId } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import {
  encodeBeginning,
  encodeNotes,
  type StageEnding,
  type StageNote,
  type StageStep,
} from "./open_run.ts";
import { encodeRun, type RunChoices, runRecord } from "./run_record.ts";

/** Milliseconds until hits and skips are written down that nothing follows. */
const SOON = 200;

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
  choices: RunChoices;
  runtime: Runtime;
  /** Absolute path of the project. */
  root: string;
  /** What its stages share. */
  capacity?: Capacity;
}

/** Begins to take notes; the clock starts now. */
export function noteRun(
  store: Pick<Store, "beginRun" | "addToRun" | "putRun">,
  { pipeline, sets, choices, runtime, root, capacity }: RunBeginning,
): RunNotes {
  const started = new Date();
  const begun = performance.now();
  const attempts = new Map<string, number>();
  const unsaid: StageNote[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
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
    choices,
    startedAt: started.toISOString(),
    host: describeHost(),
    deno: Deno.version.deno,
    runtime,
  };
  store.beginRun(id, encodeBeginning(facts, pipeline, capacity));
  const say = () => {
    clearTimeout(timer);
    timer = undefined;
    store.addToRun(id, encodeNotes(unsaid.splice(0)));
  };
  return {
    id,
    hear(event) {
      if (event.type === "retrying") attempts.set(event.id, event.attempt);
      const step = stepOf(event);
      if (step === undefined || !("id" in event)) return;
      unsaid.push({ id: event.id, at: new Date().toISOString(), ...step });
      if (event.type !== "hit" && event.type !== "skipped") return say();
      // Hits come by the hundred, and as a rule something that takes time follows.
      timer ??= setTimeout(say, SOON);
      Deno.unrefTimer(timer); // alone it is no reason to live on
    },
    end(result) {
      clearTimeout(timer);
      const seconds = Math.round(performance.now() - begun) / 1000; // the clock may have been set
      const all = { ...facts, endedAt: new Date().toISOString(), seconds };
      store.putRun(id, encodeRun(runRecord(all, pipeline, result, attempts)));
    },
  };
}

/** What of an event is noted; undefined if nothing is. */
function stepOf(event: RunEvent): StageStep | StageEnding | undefined {
  switch (event.type) {
    case "hit":
      return { status: "hit", seconds: 0, key: event.key };
    case "ran":
      return { status: "ran", seconds: event.seconds };
    case "failed":
      return { status: "failed", seconds: 0, reason: event.failure.message };
    case "skipped":
      return { status: "skipped", seconds: 0, reason: event.reason };
    case "started":
      return event.key === undefined
        ? undefined
        : { status: "started", key: event.key, gpus: event.gpus ?? [] };
    case "retrying": {
      const { attempt, attempts, waitSeconds } = event;
      return { status: "retrying", attempt, attempts, waitSeconds };
    }
    case "held":
      return { status: "held", key: event.key, host: event.host, pid: event.pid };
    case "interrupted":
      return { status: "interrupted" };
    default:
      return undefined;
  }
}
