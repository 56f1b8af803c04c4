/**
 * `cache check`: proof by sample that the cache can be trusted. Some stored files are read, and some
 * stages run once more, both chosen by chance.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import { renderCheck, type StageCheck } from "../check/outcome_text.ts";
import { UserError } from "../diagnostic.ts";
import { planPipeline } from "../plan/plan.ts";
import type { PlannedStage } from "../plan/record.ts";
import type { RunRecord } from "../runs/run_record.ts";
import { newestRuns } from "../runs/select_run.ts";
import { recordKeys } from "../store/care/holdings.ts";
import { type Sampled, type SampleSize, sampleStore, shuffled } from "../store/care/sample.ts";
import { hasFormat } from "../store/format.ts";
import { Store } from "../store/store.ts";
import { chooseView } from "../ui/choose.ts";
import { count, formatBytes } from "../ui/format.ts";
import { tellFinding } from "./cache_verify.ts";
import { checkStages } from "./check.ts";
import { type Watch, watchInterrupts } from "./interrupt.ts";
import { longWork } from "./long_work.ts";
import type { StoreOption } from "./look.ts";
import { type Backend, BACKENDS, print, printError, storeFolder } from "./options.ts";
import type { PlanOptions, Surroundings } from "./options.ts";
import { openSession, type Session } from "./session.ts";

/** Options of `cache check`. */
export interface CacheCheckOptions extends StoreOption {
  sample: SampleSize;
  /** How many stages to run once more. */
  stages: number;
  /** Chooses; undefined for chance. */
  seed?: number;
}

/** What `--json` prints. */
export interface CacheProof extends Sampled {
  store: string;
  /** Repeats the choice, on the same store. */
  seed: number;
  /** How many results are stored, and of how many the stage could be run again. */
  results: number;
  candidates: number;
  /** What was met that is broken while stages were looked for, in words. */
  damage: string[];
  checks: StageCheck[];
}

/** So many of the last pipelines that differ in file, profile or params are asked for stages. */
const PIPELINES = 20;

/** No stage that took longer is cheap, in seconds; unless all did. */
const CHEAP = 60;

/** A stored result whose stage can be run again. */
interface Candidate {
  session: Session;
  options: PlanOptions;
  planned: PlannedStage[];
  id: string;
  key: string;
  seconds: number;
}

/** Looks and tells. @returns the exit code: 1 if anything was not the same */
export async function cacheCheckCommand(
  options: CacheCheckOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { colors } = surroundings;
  const folder = storeFolder(surroundings.root, options.store);
  const seed = options.seed ?? crypto.getRandomValues(new Uint32Array(1))[0];
  const tell = options.json ? printError : print;
  using watch = watchInterrupts(() => {});
  using store = Store.open(folder, { write: hasFormat(folder) });
  const sampled = await sample(store, seed, options.sample, surroundings);
  for (const finding of sampled.findings) tell(tellFinding(finding));

  const damage = new Set<string>();
  const hear = (text: string) => {
    if (!sampled.findings.some(({ what }) => text.startsWith(what))) damage.add(text);
  };
  using open = new DisposableStack();
  const candidates = options.stages === 0
    ? []
    : await findCandidates(store, surroundings, open, hear);
  for (const text of damage) tell(`${text}\n`);
  const checks: StageCheck[] = [];
  for (const each of chooseCheap(candidates, seed, options.stages)) {
    checks.push(
      ...await runAgain(each, { watch, surroundings, tell: (c) => tell(renderCheck(c, colors)) }),
    );
  }

  const results = [...recordKeys(store.folder)].length;
  const proof: CacheProof = {
    store: store.folder,
    seed,
    ...sampled,
    results,
    candidates: candidates.length,
    damage: [...damage],
    checks,
  };
  if (options.json) print(JSON.stringify(proof, null, 2) + "\n");
  tell(summary(proof, options));
  if (watch.stop.aborted) return watch.exitCode;
  return problemsOf(proof) === 0 ? 0 : 1;
}

async function sample(
  store: Store,
  seed: number,
  size: SampleSize,
  { colors }: Surroundings,
): Promise<Sampled> {
  using work = longWork("reading what is stored", "bytes", colors);
  return await sampleStore(store, seed, size, (done, total) => work.show(done, total));
}

/** Stages of past runs that have the key today that they had then, each result once. */
async function findCandidates(
  store: Store,
  surroundings: Surroundings,
  open: DisposableStack,
  onDamage: (text: string) => void,
): Promise<Candidate[]> {
  const found = new Map<string, Candidate>();
  for (const run of lastPipelines(store)) {
    const options = optionsOf(run, store.folder);
    const file = relative(Deno.cwd(), resolve(surroundings.root, run.file));
    try {
      const session = await openSession(file, options, surroundings, { write: true, onDamage });
      open.use(session.store);
      const planned = await planPipeline(session.pipeline, session.context);
      for (const each of planned) {
        if (each.status !== "hit" || found.has(each.key)) continue;
        const { key, record: { seconds, outside }, instance: { id } } = each;
        // What comes from a host may have changed there: no fault of the cache.
        if ((outside?.hosts.length ?? 0) > 0) continue;
        found.set(key, { session, options, planned, id, key, seconds });
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error; // the file is not what it was, or gone
    }
  }
  return [...found.values()];
}

/** Of runs of the same pipeline with the same params the newest. */
function lastPipelines(store: Store): RunRecord[] {
  const seen = new Map<string, RunRecord>();
  for (const run of newestRuns(store)) {
    const what = JSON.stringify([run.file, run.profile, run.sets, run.runtime.backend]);
    if (!seen.has(what)) seen.set(what, run);
    if (seen.size === PIPELINES) break;
  }
  return [...seen.values()];
}

function optionsOf({ profile, sets, runtime }: RunRecord, store: string): PlanOptions {
  const isBackend = (name: string): name is Backend => BACKENDS.some((one) => one === name);
  const backend = isBackend(runtime.backend) ? runtime.backend : "auto";
  return { profile, set: sets, store, backend };
}

/** Of the cheaper half so many, by chance. */
function chooseCheap(candidates: Candidate[], seed: number, wanted: number): Candidate[] {
  const sorted = candidates.toSorted((a, b) => a.seconds - b.seconds);
  const half = sorted.slice(0, Math.ceil(sorted.length / 2));
  const cheap = half.filter(({ seconds }) => seconds <= CHEAP);
  const pool = cheap.length >= wanted ? cheap : sorted.slice(0, wanted);
  return shuffled(seed, pool, ({ key }) => key).slice(0, wanted);
}

async function runAgain(
  { session, options, planned, id }: Candidate,
  { watch, surroundings, tell }: {
    watch: Watch;
    surroundings: Surroundings;
    tell: (check: StageCheck) => void;
  },
): Promise<StageCheck[]> {
  const stages = planned.flatMap((each) =>
    each.status === "hit"
      ? [{ id: each.instance.id, key: each.key, outputs: each.record.outputs }]
      : []
  );
  return await checkStages({
    session,
    result: { stages },
    options: { ...options, check: [id] },
    surroundings,
    interruption: watch,
    openView: () =>
      chooseView({
        ids: [id],
        colors: surroundings.colors,
        write: printError,
        quiet: false,
        terminal: Deno.stderr.isTerminal(),
      }),
    tell,
  });
}

function problemsOf({ findings, damage, checks }: CacheProof): number {
  const failed = checks.filter(({ status }) => status !== "verified" && status !== "interrupted");
  return findings.length + damage.length + failed.length;
}

function summary(proof: CacheProof, { sample, stages }: CacheCheckOptions): string {
  const { seed, looked, all, results, candidates, checks } = proof;
  const problems = problemsOf(proof);
  const ran = stages > 0 && candidates === 0
    ? "no stage of a past run has the code and the inputs that it had, so none was run again"
    : `ran ${checks.length} of ${count(candidates, "stage")} again; ` +
      `the store has ${count(results, "result")}`;
  return [
    `read ${looked.contents} of ${count(all.contents, "file")}, ` +
    `${formatBytes(looked.bytes)} of ${formatBytes(all.bytes)}`,
    ran,
    problems === 0 ? "nothing is wrong" : `${count(problems, "thing")} wrong`,
    `the same choice again: deno task cache check --sample ${inWords(sample)} ` +
    `--stages ${stages} --seed ${seed}`,
  ].join("\n") + "\n";
}

function inWords(sample: SampleSize): string {
  return "share" in sample ? `${Number((sample.share * 100).toFixed(6))}%` : String(sample.count);
}
