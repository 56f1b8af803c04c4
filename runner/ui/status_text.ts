/**
 * What is running on a store, as text.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import type { Colors } from "picocolors/types";
import type { LiveRun, WaitingStage, WorkingStage } from "../runs/live_runs.ts";
import { progressBar, progressParts } from "./activity.ts";
import { count, formatBytes, formatSeconds, formatWait, listed, onGpus } from "./format.ts";
import { idWidth } from "./view.ts";

/** So many stages that wait are named; of more, how many there are. */
const WAITING = 8;

/** Seconds of silence, of a stage or a runner elsewhere, that are worth a word. */
const SILENCE = 60;

/** One paragraph a run. @param now milliseconds since 1970 */
export function renderStatus(runs: LiveRun[], c: Colors, now: number): string {
  return runs.map((run) => renderRun(run, c, now)).join("\n");
}

function renderRun(run: LiveRun, c: Colors, now: number): string {
  const { id, file, profile, sets, working, waiting, failed } = run;
  const choices = [
    ...(profile === "default" ? [] : [`--profile ${profile}`]),
    ...sets.map((text) => `--set ${text}`),
  ];
  // What a person may do something about comes first.
  const byNeed = waiting.toSorted((a, b) => Number("stages" in a) - Number("stages" in b));
  const shown = byNeed.slice(0, WAITING);
  const width = idWidth([...working, ...shown, ...failed].map(({ id }) => id));
  const lines = [
    `${c.bold(id)}  ${[file, ...choices].join(" ")}`,
    `  ${summary(run)}`,
    ...failed.map(({ id, reason }) =>
      `${c.red("✗")} ${id.padEnd(width)}  failed: ${firstLine(reason)}`
    ),
    ...working.map((stage) =>
      `${c.cyan(">")} ${stage.id.padEnd(width)}  ${workingParts(stage, now).join("  ")}`
    ),
    ...shown.map((stage) => c.dim(`· ${stage.id.padEnd(width)}  ${waitsFor(stage)}`)),
    ...(waiting.length > WAITING
      ? [c.dim(`  and ${count(waiting.length - WAITING, "more stage")} that wait`)]
      : []),
  ];
  return lines.join("\n") + "\n";
}

/** E.g. `12 min 05 s, process 1234 on here: 5 of 12 stages done (3 ran, 2 from cache)`. */
function summary({ seconds, host, pid, silent, counts }: LiveRun): string {
  const { ran, hit, failed, skipped, working, waiting } = counts;
  const parts = [
    [ran, "ran"],
    [hit, "from cache"],
    [failed, "failed"],
    [skipped, "skipped"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  const done = ran + hit + failed + skipped;
  const isSilent = silent !== undefined && silent > SILENCE;
  return `${formatSeconds(seconds)}, process ${pid} on ${host}` +
    `${isSilent ? `, without a sign of life for ${formatSeconds(silent)}` : ""}: ` +
    `${done} of ${count(done + working + waiting, "stage")} done` +
    (said.length > 0 ? ` (${said.join(", ")})` : "");
}

function workingParts(stage: WorkingStage, now: number): string[] {
  const { seconds, gpus, resources, attempt, job, progress } = stage;
  const said = progress?.saidAt === undefined ? NaN : (now - Date.parse(progress.saidAt)) / 1000;
  return [
    job === undefined ? "" : `job ${job.id ?? "not taken yet"}`,
    job?.state === "queued" ? "in the queue" : "",
    attempt === undefined ? "" : `attempt ${attempt.number} of ${attempt.of}`,
    attempt?.waits === undefined ? "" : `in ${formatWait(attempt.waits)}`,
    ...(progress
      ? [
        progressBar(progress),
        ...progressParts(progress, progress.perSecond ?? 0, progress.secondsLeft),
      ]
      : []),
    said > SILENCE ? `silent for ${formatSeconds(said)}` : "",
    `for ${formatSeconds(seconds)}`,
    onGpus(gpus),
    resources.cpu > 1 ? count(resources.cpu, "processor") : "",
    resources.memory === undefined ? "" : formatBytes(resources.memory),
    ...Object.entries(resources.slots ?? {}).map(([name, n]) => `slot ${name} (${n})`),
    ...(resources.mutex ?? []).map((name) => `mutex ${name}`),
  ].filter((part) => part !== "");
}

function waitsFor({ stages, runner, shortages }: WaitingStage): string {
  if (stages) return `waits for ${listed(stages)}`;
  if (runner) {
    const { host, pid, run } = runner;
    return `waits for another runner (${run === undefined ? "" : `run ${run}, `}${host}, ` +
      `process ${pid})`;
  }
  if (shortages) {
    return `waits for ${
      shortages.map(({ of, heldBy }) => heldBy.length > 0 ? `${of} (${listed(heldBy)})` : of)
        .join("; ")
    }`;
  }
  return "is about to start";
}

function firstLine(text: string): string {
  return stripVTControlCharacters(text.split("\n")[0]);
}
