/**
 * Runs stages as child processes of this one.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { ProcessEnd } from "../plan/record.ts";
import { formatBytes } from "../ui/format.ts";
import { INTERRUPTED } from "./child.ts";
import { stageCommand } from "./command.ts";
import { EventReader, eventsLength, type StageEvent } from "./events.ts";
import type { Executor, Failure, Job, Outcome, RunningJob } from "./executor.ts";
import { expectNoJob } from "./slurm/left_behind.ts";
import { noRoomFailure } from "./no_room.ts";
import { endOrphan, noteProcess } from "./orphans.ts";
import { descendants, type UsedMemory, usedMemory } from "./memory.ts";

/** Milliseconds between looks at a stage's events. */
const EVENTS_EVERY = 100;

/** Milliseconds between looks at a stage's memory: a look costs 0.05 ms. */
const MEMORY_EVERY = 100;

const STOP_SIGNALS = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * Makes the executor of this machine.
 *
 * @param folder the project: stages start there, so that relative paths in messages make sense
 * @param config the `deno.json` whose import map the stages use
 * @param prefix a program that becomes the stage's process, and its arguments
 */
export function localExecutor(
  folder: string,
  config: string | undefined,
  prefix: string[] = [],
): Executor {
  return {
    start: (job, onEvent) => start(folder, [...prefix, Deno.execPath()], config, job, onEvent),
    async adopt(work) {
      await expectNoJob(work);
      await endOrphan(work); // its successor starts from its checkpoint
      return false;
    },
  };
}

function start(
  folder: string,
  [program, ...args]: string[],
  config: string | undefined,
  job: Job,
  onEvent: (event: StageEvent) => void,
): RunningJob {
  // Straight into the file: nothing is lost or held up when the runner is busy or gone.
  const log = openSync(job.log, "a");
  const process = spawn(
    program,
    [...args, ...stageCommand(config, job)],
    { cwd: folder, env: job.env, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  if (process.pid !== undefined) noteProcess(job.requestFile, process.pid);

  const reader = new EventReader(job.request.events, eventsLength(job.request.events));
  let failure: Failure | undefined;
  let stopping = false;
  let peak = 0;

  /** Not `process.kill()`: after one signal it would not send another. */
  const send = (signal: Deno.Signal) => {
    if (process.pid === undefined || process.exitCode !== null || process.signalCode !== null) {
      return;
    }
    // Asked to stop, a process tells its own children; killed, it cannot.
    const others = signal === "SIGKILL" ? descendants(process.pid) : [];
    for (const pid of [process.pid, ...others]) {
      try {
        Deno.kill(pid, signal);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error; // gone, and not yet told
      }
    }
  };
  const readEvents = () => {
    for (const event of reader.read()) {
      if (event.type === "failed") failure ??= event.failure;
      else if (event.type === "memory") peak = Math.max(peak, event.bytes);
      else onEvent(event);
    }
  };
  const watchMemory = () => {
    if (process.pid === undefined) return;
    const limit = job.resources.memory ?? Infinity;
    const used = usedMemory(process.pid, Math.min(limit, peak));
    if (used === undefined) return;
    peak = Math.max(peak, used.bytes);
    if (used.bytes <= limit || failure) return;
    failure = { kind: "memory", message: describeMemory(job.request.id, used, limit) };
    send("SIGKILL");
  };
  const timers = [setInterval(readEvents, EVENTS_EVERY), setInterval(watchMemory, MEMORY_EVERY)];

  const outcome = new Promise<Outcome>((resolve) => {
    const end = (ending: ProcessEnd, make: () => Outcome) => {
      timers.forEach(clearInterval);
      readEvents();
      resolve({ ...make(), ending: { ...ending, ...(peak > 0 && { peakMemory: peak }) } });
    };
    process.once(
      "error",
      (error) => end({}, () => crash(`cannot start ${Deno.execPath()}: ${error.message}`)),
    );
    process.once(
      "exit",
      (code, signal) =>
        end({ ...(code !== null && { exitCode: code }), ...(signal && { signal }) }, () => {
          if (code === 0) return { status: "finished" };
          if (failure) return { status: "failed", failure };
          // Ctrl-C reaches a child directly, sometimes before it can listen and before we have heard.
          if (stopping || code === INTERRUPTED || STOP_SIGNALS.has(signal ?? "")) {
            return { status: "interrupted" };
          }
          const full = noRoomFailure(job.request.id, dirname(job.requestFile), code, signal);
          return full
            ? { status: "failed", failure: full }
            : crash(describeExit(job.request.id, code, signal));
        }),
    );
  });

  return {
    outcome,
    stop() {
      stopping = true;
      send("SIGINT");
    },
    kill() {
      stopping = true;
      send("SIGKILL");
    },
  };
}

function crash(message: string): Outcome {
  return { status: "failed", failure: { kind: "crash", message } };
}

function describeExit(id: string, code: number | null, signal: string | null): string {
  if (signal === "SIGKILL") {
    return `stage "${id}" was killed from outside; the system does that when memory runs out`;
  }
  return signal
    ? `the process of stage "${id}" crashed with ${signal}`
    : `the process of stage "${id}" ended with code ${code} and did not say why`;
}

function describeMemory(id: string, { bytes, processes }: UsedMemory, limit: number): string {
  const all = processes > 1 ? ` in ${processes} processes` : "";
  return `stage "${id}" used ${formatBytes(bytes)} of memory${all}, ` +
    `its limit is ${formatBytes(limit)}\n` +
    `  raise resources.memory in the pipeline file, or make the work smaller`;
}
