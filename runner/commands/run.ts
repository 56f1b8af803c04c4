/**
 * `run`: restore what is stored, run the rest, show the results.
 *
 * @module
 */
import { surviveLimits } from "../execute/no_room.ts";
import type { Capacity } from "../execute/resources.ts";
import type { RunResult } from "../execute/run_event.ts";
import { runPipeline } from "../execute/scheduler.ts";
import { type Download, finishSharing, sharedResults } from "../execute/shared_results.ts";
import type { Pipeline } from "../pipeline/instance.ts";
import { noteRun } from "../runs/note_run.ts";
import type { RunChoices } from "../runs/run_record.ts";
import { chooseView } from "../ui/choose.ts";
import { runDocument } from "../ui/document.ts";
import type { EventWriter } from "../ui/event_lines.ts";
import { renderResults, renderSummary } from "../ui/ending.ts";
import { renderFailures } from "../ui/failures.ts";
import { renderCheck } from "../check/outcome_text.ts";
import { runAgain } from "./again.ts";
import { checkStages } from "./check.ts";
import { watchInterrupts } from "./interrupt.ts";
import {
  codePaths,
  print,
  printError,
  type RunCommandOptions,
  type Surroundings,
} from "./options.ts";
import { packagesFolder, renderPlaces } from "./places.ts";
import { openRemote } from "./remote.ts";
import { openSession, type Session } from "./session.ts";
import { prepareTensors } from "./tensors.ts";
import { placeToRun } from "./place_to_run.ts";

/** Seconds before a stage's second attempt. */
const BACK_OFF = 1;

/** How a run from the command line has ended. */
export interface RunEnd {
  exitCode: number;
  result: RunResult;
}

/** Runs a pipeline from the command line. @returns the exit code */
export async function runCommand(
  file: string,
  options: RunCommandOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { exitCode } = await runOnce(file, options, surroundings, print);
  return exitCode;
}

/** The same for commands that go on from there. @param printDocument takes what `--json` prints */
export async function runOnce(
  file: string,
  options: RunCommandOptions,
  surroundings: Surroundings,
  printDocument: (text: string) => void,
): Promise<RunEnd> {
  const begun = performance.now();
  surviveLimits();
  const { colors } = surroundings;
  const early: string[] = [];
  let notify = (text: string): void => void early.push(text);
  const session = await openSession(file, options, surroundings, {
    write: true,
    onDamage: (text) => notify(text),
  });
  using _store = session.store;
  const place = await placeToRun(session.pipeline, options, surroundings, (text) => notify(text));
  const { pipeline, store } = session;
  using watch = watchInterrupts(() => notify(STOPPING));
  using remote = await openRemote(options, {
    store,
    notify: (text) => notify(`${text}; going on without it`),
    warn: (text) => notify(text),
    stop: watch.stop,
  });
  const notes = noteRun(store, {
    pipeline,
    sets: options.set ?? [],
    choices: choicesOf(options, place.capacity),
    runtime: session.context.runtime,
    root: surroundings.root,
    capacity: place.capacity,
  });

  const openView = () =>
    chooseView({
      ids: pipeline.stages.map(({ id }) => id),
      colors,
      write: printError,
      quiet: options.quiet ?? false,
      terminal: Deno.stderr.isTerminal(),
    });
  const events = options.events ? await openEvents(notes.id, pipeline) : undefined;
  const shown = events?.beside(openView()) ?? openView();
  const view = options.logs
    ? (await import("../ui/replayed_logs.ts")).withLogs(shown, store)
    : shown;
  notify = (text) => view.show({ type: "notice", text });
  early.forEach(notify);
  let result: RunResult;
  try {
    result = await runPipeline({
      ...session,
      shop: {
        pipeline: pipeline.name,
        project: surroundings.root,
        packages: packagesFolder(surroundings.root),
        store,
        executor: place.executor,
        interruption: watch,
        emit: (event) => {
          notes.hear(event);
          view.show(event);
        },
        backOff: BACK_OFF,
      },
      capacity: place.capacity,
      failFast: options.failFast ?? false,
      shared: remote &&
        sharedResults(remote, {
          stages: pipeline.stages,
          download: downloadFor(options),
          emit: (event) => view.show(event),
        }),
      prepareRuntime: () => prepareTensors(options, surroundings, view),
      codeOf: (id) => codePaths(surroundings.root, session.context.code.get(id)),
    });
    if (remote) await finishSharing(remote, (event) => view.show(event));
  } finally {
    view.close();
  }
  remember(session, result);
  notes.end(result);

  const tell = options.json || options.events ? printError : print;
  tell(renderResults(pipeline, result, colors));
  tell(await renderPlaces(pipeline, result, store, Deno.cwd()));
  const again = (id: string) => runAgain(file, options, ["--only", id]);
  const failures = renderFailures(pipeline, result, { again, colors, failFast: options.failFast });
  if (failures !== "") printError(`${options.quiet ? "" : "\n"}${failures}`);
  const seconds = (performance.now() - begun) / 1000;
  tell(renderSummary(result, seconds, colors));
  const checks = result.status === "ok"
    ? await checkStages({
      session,
      result,
      options,
      surroundings,
      interruption: watch,
      openView,
      tell: (check) => tell(renderCheck(check, colors)),
    })
    : [];
  if (remote && checks.length > 0) {
    const { shareVerified } = await import("./share_verified.ts");
    await shareVerified(remote, checks, { store, result, openView });
  }
  if (remote && remote.heldBack.length > 0) {
    const { renderHeldBack } = await import("./held_back.ts");
    tell(renderHeldBack(remote.heldBack, file, options));
  }
  if (options.json || events) {
    const document = {
      run: notes.id,
      ...runDocument(pipeline, result),
      ...(checks.length === 0 ? {} : { checks }),
    };
    if (options.json) printDocument(JSON.stringify(document, null, 2) + "\n");
    events?.write({ type: "end", seconds, ...document });
  }
  const verified = checks.every(({ status }) => status === "verified");
  const isGood = result.status === "ok" && verified;
  return {
    exitCode: watch.stop.aborted ? watch.exitCode : isGood ? 0 : 1,
    result,
  };
}

const STOPPING = "stopping: stages may save what they have; press Ctrl-C again to stop at once";

/** What the manifest says of the command, besides the params. */
function choicesOf(options: RunCommandOptions, { cpu, stages }: Capacity): RunChoices {
  const { until = [], only = [], force = [], check = [], checkResume = [] } = options;
  return {
    until: only.length > 0 ? until : [...until, ...check, ...checkResume],
    only,
    force,
    keepGoing: !(options.failFast ?? false),
    executor: options.executor ?? "local",
    jobs: stages ?? cpu,
  };
}

/** Begins the stream that `--events` prints. */
async function openEvents(run: string, pipeline: Pipeline): Promise<EventWriter> {
  const { EventWriter, runBegin } = await import("../ui/event_lines.ts");
  const events = new EventWriter(print);
  events.write(runBegin(run, pipeline));
  return events;
}

/** A check reads what a stage has read and made, whoever made it. */
function downloadFor(
  { remoteDownload = "results", check, checkResume }: RunCommandOptions,
): Download {
  return check || checkResume ? "all" : remoteDownload;
}

/** So that the next plan can say what has changed since. */
function remember({ pipeline, store }: Session, { stages }: RunResult): void {
  const keys = stages.flatMap(({ id, status, key }): [string, string][] =>
    key !== null && (status === "hit" || status === "ran") ? [[id, key]] : []
  );
  store.remember(pipeline.name, new Map(keys));
}
