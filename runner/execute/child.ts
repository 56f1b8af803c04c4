/**
 * Inside a stage's process: load the stage, call `run()`, tell how it went.
 *
 * Exit codes: 0 finished, 1 failed (a `failed` event says why), {@link INTERRUPTED} stopped on
 * request before it was finished, those of no_room.ts where there was no room to write.
 *
 * @module
 */
import { resourceUsage } from "node:process";
import { pathToFileURL } from "node:url";
import type { StageContext } from "../stage.ts";
import { shiftClock } from "./clock.ts";
import { explainDenied, findDenied } from "./denied.ts";
import type { StageEvent, StageFailure } from "./events.ts";
import { noRoomCode, surviveLimits } from "./no_room.ts";
import { createReporter } from "./reporter.ts";
import type { StageRequest } from "./request.ts";

/** Exit code of a stage that was asked to stop and did. */
export const INTERRUPTED = 130;

async function main(path: string): Promise<void> {
  const request: StageRequest = JSON.parse(await Deno.readTextFile(path));
  const RealDate = Date;
  if (request.clockShift !== undefined) shiftClock(request.clockShift);
  const events = await Deno.open(request.events, { append: true, create: true });
  const encoder = new TextEncoder();
  const write = (event: StageEvent) => {
    // By these times others tell how fast it is and how long it will take; see live_progress.ts.
    const isTimed = event.type === "begun" || event.type === "progress";
    const line = isTimed ? { ...event, at: RealDate.now() } : event;
    events.writeSync(encoder.encode(JSON.stringify(line) + "\n"));
  };
  events.writeSync(encoder.encode("\n")); // ends the half line of an attempt that was killed
  write({ type: "begun", tellsReads: true });
  // Only here: the runner imports this module for a constant.
  const { trackReads } = await import("./tracked_params.ts");
  let keepsWork = false; // has the stage ever looked at context.scratch?
  const params = trackReads(request.params, (path) => {
    writeWhole(events, encoder.encode(`\n${JSON.stringify({ type: "read", path })}\n`));
    if (keepsWork) events.syncDataSync();
  });
  const report = createReporter(write);

  const stopper = new AbortController();
  let listening = false; // has the stage ever looked at context.signal?
  const stop = () => {
    stopper.abort();
    if (!listening) Deno.exit(INTERRUPTED); // it will not save anything, so there is nothing to wait for
  };
  // One Ctrl-C may arrive twice, from the terminal and from the runner: aborting twice is harmless.
  for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, stop);
  if (request.runner !== undefined) exitWithout(request.runner);

  const fail = (error: unknown) => {
    exitWithoutRoom(error);
    try {
      report.flush();
      if (stopper.signal.aborted) Deno.exit(INTERRUPTED);
      const failure = describeFailure(request.id, error);
      console.error(failure.kind === "mistake" ? failure.message : error);
      write({ type: "memory", bytes: ownMemory(request) });
      write({ type: "failed", failure });
    } catch (error) {
      exitWithoutRoom(error);
      throw error;
    }
    Deno.exit(1);
  };
  addEventListener("unhandledrejection", (event) => fail(event.reason));
  addEventListener("error", (event) => fail(event.error));
  addEventListener("beforeunload", () => fail(new Error(STUCK)));

  try {
    const stage = await loadStage(request.entry);
    await stage.run({
      params,
      inputs: request.inputs,
      outputs: request.outputs,
      get scratch() {
        // What is saved there may depend on every param that was read: the note must last as long,
        // also if the power fails.
        if (!keepsWork) events.syncDataSync();
        keepsWork = true;
        return request.scratch;
      },
      checkpointSeconds: request.checkpointSeconds,
      cpus: request.cpus,
      get signal() {
        listening = true;
        return stopper.signal;
      },
      report,
    });
    report.flush();
    write({ type: "memory", bytes: ownMemory(request) });
  } catch (error) {
    fail(error);
  }
  // A stage that returns after it was asked to stop may have left half its work for the next time.
  Deno.exit(stopper.signal.aborted ? INTERRUPTED : 0);
}

/** @throws {Deno.errors.WriteZero} if there is no room for all of it */
function writeWhole(file: Deno.FsFile, bytes: Uint8Array): void {
  const written = file.writeSync(bytes);
  if (written < bytes.length) throw new Deno.errors.WriteZero("Cannot note which param was read");
}

const STUCK = "run() waits for a promise that nothing will ever settle";

const STOP_SIGNALS: Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** What `run()` is handed, before a stage's own types say which input is which. */
type LoadedContext = Omit<StageContext, "inputs"> & { inputs: StageRequest["inputs"] };

interface LoadedStage {
  run(context: LoadedContext): Promise<void>;
}

async function loadStage(entry: string): Promise<LoadedStage> {
  const module: { default?: LoadedStage } = await import(pathToFileURL(entry).href);
  if (typeof module.default?.run !== "function") {
    throw new TypeError(`Cannot run ${entry}: expected "export default defineStage({ … })"`);
  }
  return module.default;
}

/** What to tell the person about an error that ended a stage. */
export function describeFailure(id: string, error: unknown): StageFailure {
  const denied = findDenied(error);
  if (denied) return { kind: "denied", message: explainDenied(id, denied) };
  if (!(error instanceof Error)) return { kind: "error", message: String(error) };
  // By name, not by class: a stage may have reached stage.ts by another address, and libraries,
  // which do not know stages, call faulty data an InputError.
  if (error.name === "StageError" || error.name === "InputError") {
    return { kind: "mistake", message: error.message };
  }
  return { kind: "error", message: `${error.name}: ${error.message}` };
}

/**
 * Bytes that this process has, or where nobody watches it has had at most. The system's own account of
 * the most begins with that of the process which started this one: on a cluster a small shell, else
 * the runner, which looks itself now and then.
 */
function ownMemory({ runner }: StageRequest): number {
  return runner === undefined ? resourceUsage().maxRSS * 1024 : Deno.memoryUsage().rss;
}

/** Nothing can be said where nothing can be written; see no_room.ts. */
function exitWithoutRoom(error: unknown): void {
  const code = noRoomCode(error);
  if (code !== undefined) Deno.exit(code);
}

/** Milliseconds between looks whether the runner is still there. */
const LOOK_EVERY = 250;

/** Ends this process soon after the runner's has ended, however it ended. */
function exitWithout(runner: number): void {
  const look = () => {
    if (Deno.ppid !== runner) Deno.exit(INTERRUPTED);
  };
  look();
  setInterval(look, LOOK_EVERY).unref(); // alone it is no reason to live on
}

// Not awaited, so that a stage which waits for nothing ends instead of hanging.
if (import.meta.main) {
  surviveLimits();
  void main(Deno.args[0]).catch((error) => {
    exitWithoutRoom(error);
    throw error;
  });
}
