/**
 * `log`: what a stage has printed and reported, whether it ran just now, long ago, or still runs.
 *
 * @module
 */
import { isDeepStrictEqual, stripVTControlCharacters } from "node:util";
import { UserError } from "../diagnostic.ts";
import type { Reported } from "../execute/collected.ts";
import { logTail } from "../execute/log_tail.ts";
import { selectStages } from "../pipeline/select.ts";
import { planPipeline } from "../plan/plan.ts";
import type { ActionRecord } from "../plan/record.ts";
import { readRunRecord, type RunRecord } from "../runs/run_record.ts";
import { newestRuns, selectRun } from "../runs/select_run.ts";
import {
  findLog,
  findReported,
  LineCutter,
  LogReader,
  type StageLog,
  storedLog,
} from "../runs/stage_log.ts";
import type { Store } from "../store/store.ts";
import { followIfThere } from "../store/files.ts";
import { renderReported, reportedLines } from "../ui/log_text.ts";
import { lookIntoStore } from "./look.ts";
import { type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/** Milliseconds between looks at a log that grows. */
const EVERY = 200;

/** Options of `log`. */
export interface LogOptions extends PlanOptions {
  /** Go on while the stage is at work. */
  follow?: boolean;
}

/** A stage whose log is asked for. */
interface Asked {
  id: string;
  /** Null while nobody knows it. */
  key: string | null;
  status: string;
  /** Why it is what it is. */
  reason: string;
  /** Its result, where a plan has found one. */
  record?: ActionRecord;
  /** The last lines of its log, as the manifest of a run that failed keeps them. */
  tail?: string[];
}

/** Several stages, of which one is wanted, and a way to look again. */
interface Source {
  store: Store;
  stages: { id: string; aliases: string[] }[];
  /** Looks up the stage anew. */
  ask: (id: string) => Asked;
  /** Whether one that has no key yet may get one. */
  lasts: () => boolean;
}

/**
 * Prints the log, then metrics and tables; with `--json` all of it as lines of JSON.
 *
 * @param source a pipeline file, or a run; `last` is the one that began last
 * @param word a stage, as `--only` takes it
 * @returns the exit code
 */
export async function logCommand(
  source: string,
  word: string,
  options: LogOptions,
  surroundings: Surroundings,
): Promise<number> {
  const from = /\.ya?ml$/.test(source)
    ? await fromPipeline(source, options, surroundings)
    : fromRun(source, options, surroundings);
  const id = selectOne(from, source, word);
  let asked = from.ask(id);
  while (options.follow && asked.key === null && from.lasts()) {
    await sleep();
    asked = from.ask(id);
  }
  const { store } = from;
  const { key } = asked;
  if (key === null) throw nothing(asked, source);
  const log = asked.record ? storedLog(store, asked.record) : findLog(store, key);
  if (isOfLater(asked, log)) {
    printTail(asked, options);
    return 0;
  }
  if (log === undefined || !isThere(log)) throw nothing(asked, source);
  const { cutter, tellReported } = printer(asked, log, options, surroundings.colors);
  const reader = new LogReader();
  for (let now: StageLog | undefined = log;;) {
    if (now) reader.read(now.path, (text) => cutter.add(text));
    if (!options.follow || now?.state !== "running") break;
    await sleep();
    now = findLog(store, key);
  }
  cutter.end();
  tellReported(asked.record ?? findReported(store, key));
  return 0;
}

async function fromPipeline(
  file: string,
  options: LogOptions,
  surroundings: Surroundings,
): Promise<Source> {
  const { pipeline, context, store } = await openSession(file, options, surroundings, {
    write: false,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const planned = await planPipeline(pipeline, context);
  return {
    store,
    stages: pipeline.stages,
    lasts: () => false,
    ask(id) {
      const stage = planned.find(({ instance }) => instance.id === id);
      if (stage === undefined) throw new RangeError(`Cannot find the plan of "${id}"`);
      const { status, reason } = stage;
      return {
        id,
        status,
        reason,
        key: stage.status === "unknown" ? null : stage.key,
        ...(stage.status === "hit" && { record: stage.record }),
      };
    },
  };
}

function fromRun(name: string, options: LogOptions, { root }: Surroundings): Source {
  const store = lookIntoStore(root, options);
  const { id: run } = findRun(store, name);
  const read = () => readRunRecord(store, run) ?? selectRun(store, run);
  return {
    store,
    stages: read().stages,
    lasts: () => read().status === "running",
    ask(id) {
      const stage = read().stages.find((stage) => stage.id === id);
      if (stage === undefined) throw new RangeError(`Cannot find "${id}" in run ${run}`);
      const { key, status, reason, failure } = stage;
      return { id, key, status, reason, ...(failure && { tail: failure.tail }) };
    },
  };
}

/** As everywhere, but `last` may be a run that has not ended. */
function findRun(store: Store, name: string): RunRecord {
  const back = /^last(?:~(\d+))?$/.exec(name);
  const found = back && newestRuns(store).drop(Number(back[1] ?? 0)).next().value;
  return found ?? selectRun(store, name);
}

function selectOne({ stages }: Source, source: string, word: string): string {
  const exact = stages.find(({ id, aliases }) => id === word || aliases.includes(word));
  if (exact) return exact.id;
  const fitting = selectStages(stages, [word], `log ${source}`);
  const [id, ...others] = stages.map(({ id }) => id).filter((id) => fitting.has(id));
  if (others.length === 0) return id;
  throw new UserError({
    message: `"${word}" stands for ${fitting.size} stages; a log is one stage's`,
    notes: [id, ...others].map((id) => `deno task log ${source} ${id}`),
  });
}

/** A later run of the same stage has its own log where that of the failure was. */
function isOfLater({ status, tail }: Asked, log: StageLog | undefined): boolean {
  if (status !== "failed" || tail === undefined) return false;
  return log?.state !== "unfinished" || !isDeepStrictEqual(logTail(log.path), tail);
}

function printTail({ id, reason, tail = [] }: Asked, { json }: LogOptions): void {
  printError(`${id}: its log is gone; this is what the run has kept of it\n`);
  if (json) {
    tail.forEach((text) => printJson({ type: "line", text }));
    return;
  }
  print(tail.map((line) => `${plain(line)}\n`).join(""));
  printError(`failed: ${reason}\n`);
}

/** How the log is printed, and what the stage has reported. */
function printer(
  { id, key, status, reason }: Asked,
  { state, path }: StageLog,
  { json }: LogOptions,
  colors: Surroundings["colors"],
): { cutter: LineCutter; tellReported: (reported: Reported) => void } {
  if (json) {
    printJson({ type: "stage", format: 1, id, key, state, status, reason, log: path });
    return {
      cutter: new LineCutter((text) => printJson({ type: "line", text })),
      tellReported: (reported) => reportedLines(reported).forEach(printJson),
    };
  }
  const what = status === "failed" ? `failed: ${reason.split("\n")[0]}` : state;
  printError(`${id}  ${what}\n`);
  return {
    cutter: new LineCutter((line) => print(`${plain(line)}\n`)),
    tellReported: (reported) => print(renderReported(reported, colors)),
  };
}

function nothing({ id, status, reason, key }: Asked, source: string): UserError {
  const isFile = /\.ya?ml$/.test(source);
  const waits = key === null && status === "skipped" && reason === "the run has not ended yet";
  return new UserError({
    message: `there is no log of "${id}": ${waits ? "it has not started yet" : reason}`,
    notes: isFile
      ? [
        `deno task run ${source} --until ${id} makes one`,
        `deno task log last ${id} shows that of the last run`,
      ]
      : waits
      ? [`deno task log ${source} ${id} --follow waits for it`]
      : ["deno task runs lists others; a log that was stored goes with its result"],
  });
}

function isThere({ path }: StageLog): boolean {
  return followIfThere(path) !== undefined;
}

function printJson(value: unknown): void {
  print(JSON.stringify(value) + "\n");
}

/** A log shall not move the cursor. */
function plain(line: string): string {
  return stripVTControlCharacters(line);
}

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, EVERY));
}
