/**
 * From a pipeline to a finished run: restores what is stored, runs the rest side by side within the
 * machine's resources.
 *
 * A stage is planned as soon as its inputs are known, not before: a stage that ran again and made
 * the same bytes leaves everything behind it stored.
 *
 * @module
 */
import { canonicalJson } from "../store/digest.ts";
import type { Pipeline, StageInstance } from "../pipeline/instance.ts";
import { usersOf } from "../pipeline/users.ts";
import { type KnownOutputs, type PlanContext, planInstance, type Runtime } from "../plan/plan.ts";
import type { ActionRecord, PlannedStage } from "../plan/record.ts";
import type { Claim } from "../store/claims.ts";
import { Elsewhere, type Made } from "./elsewhere.ts";
import type { ReadyStage, Workshop } from "./job.ts";
import { logTail } from "./log_tail.ts";
import { longestPaths } from "./priority.ts";
import { namesOf } from "./gpus.ts";
import { type Capacity, Holding, ResourcePool } from "./resources.ts";
import type { RunResult, StageResult } from "./run_event.ts";
import { type PreparedRuntime, RuntimeGate } from "./runtime_gate.ts";
import type { SharedResults } from "./shared_results.ts";
import { runStage, type StageEnd } from "./stage_run.ts";

/** What a run is made of. */
export interface RunOptions {
  pipeline: Pipeline;
  context: PlanContext;
  shop: Workshop;
  capacity: Capacity;
  /** After a failure, start nothing more; otherwise what does not depend on it still runs. */
  failFast: boolean;
  /** Fetches what tensors need; called once, and only if a stage that computes has to run. */
  prepareRuntime: () => Promise<PreparedRuntime>;
  /** Results of other machines, if any. */
  shared?: SharedResults | undefined;
  /** Real paths of the modules that a stage reaches. */
  codeOf: (id: string) => string[];
  /** Decides hit or run; tests put another in its place. */
  plan?: (instance: StageInstance, known: KnownOutputs, context: PlanContext) => PlannedStage;
}

/** A stage nobody has timed yet counts as much as a minute's work. */
const UNKNOWN_SECONDS = 60;

/** Runs a pipeline to its end, whatever the end is. Rejects only if the runner itself is broken. */
export async function runPipeline(options: RunOptions): Promise<RunResult> {
  const { pipeline, shop, failFast, shared, plan = planInstance } = options;
  const { emit, interruption, store } = shop;
  let context = options.context;
  let freed = Promise.withResolvers<void>();
  const pool = new ResourcePool(options.capacity, () => freed.resolve());
  const known: KnownOutputs = new Map();
  const results = new Map<string, StageResult>();
  const waiting = new Set(pipeline.stages);
  const due = new Set(pipeline.stages); // of those that wait: what they need may be decided now
  const users = usersOf(pipeline.stages);
  const byId = new Map(pipeline.stages.map((stage) => [stage.id, stage]));
  const asking = new Map<string, Promise<void>>(); // by id: others are asked for their results
  const bringing = new Map<string, Promise<void>>(); // by id: what they read is fetched from others
  const promised: KnownOutputs = new Map(); // of results that others had, and have no more
  const ready = new Set<ReadyStage>();
  const running = new Map<string, Promise<void>>(); // by key: equal stages share one execution
  const runtime = new RuntimeGate(options.prepareRuntime);
  // Loaded only if something would run.
  let findUnread: typeof import("../plan/unread.ts").findUnread | undefined;
  const elsewhere = new Elsewhere(store, emit, (stage) => findUnread?.(stage, store));
  let failed = false;
  let interrupted = false;
  let refused = false; // by the store, so that nothing else can be kept either
  let paths: Map<string, number> | undefined;
  let sorted: ReadyStage[] | undefined;

  const stopping = () => interrupted || interruption.stop.aborted;
  const starts = () => !stopping() && !refused && !(failed && failFast);

  /** Plans what can be planned; then starts what can be started. */
  function advance(): void {
    for (const stage of elsewhere.waits ? ready : []) {
      const made = elsewhere.look(stage);
      if (made) adopt(stage, made);
    }
    for (const instance of due) {
      due.delete(instance);
      if (!waiting.has(instance)) continue;
      const producers = producersOf(instance);
      const missing = producers.find((id) => {
        const status = results.get(id)?.status;
        return status === "failed" || status === "skipped";
      });
      if (missing !== undefined) {
        if (stopping()) continue; // one reason for all, at the end
        const fate = results.get(missing)?.status === "failed" ? "failed" : "was skipped";
        skip(instance, `needs "${missing}", which ${fate}`);
      } else if (producers.every((id) => known.has(id))) {
        waiting.delete(instance);
        settle(plan(instance, known, context));
      }
    }
    if (starts()) startReady();
  }

  /** What has come of a stage decides what becomes of those that use it. */
  function decide(result: StageResult): void {
    results.set(result.id, result);
    for (const id of users.get(result.id) ?? []) {
      const user = byId.get(id);
      if (user && waiting.has(user)) due.add(user);
    }
  }

  function startReady(): void {
    for (const stage of byLongestPath()) {
      if (pool.isFull) return; // thousands may be ready
      if (!ready.has(stage)) continue;
      if (running.has(stage.key)) continue; // its twin is at work
      if (stage.instance.contract.compute && !runtime.pass(replan)) continue;
      const grant = pool.take(stage.instance.resources);
      if (!grant) continue;
      const holding = new Holding(pool, grant);
      const forced = context.forced?.has(stage.instance.id) ?? false;
      const answer = elsewhere.ask(stage, forced);
      if (answer.status !== "ours") holding.release();
      switch (answer.status) {
        case "held":
          continue;
        case "made":
          adopt(stage, answer);
          return advance(); // what waits for it may now be planned
        case "refused":
          refused = true;
          ready.delete(stage);
          return fail(stage, { failure: answer.failure, log: undefined }, 0);
        case "ours": // goes on below
      }
      ready.delete(stage);
      const { claim } = answer;
      const done = work(stage, claim, holding).finally(() => {
        running.delete(stage.key);
        claim.release();
        holding.release();
      });
      running.set(stage.key, done);
    }
  }

  /** Takes what was made meanwhile. */
  function adopt(stage: ReadyStage, { record, reason }: Made): void {
    ready.delete(stage);
    restore(stage.instance, record, reason);
  }

  function settle(planned: PlannedStage): void {
    const { instance } = planned;
    switch (planned.status) {
      case "hit":
        restore(instance, planned.record, planned.reason);
        break;
      case "would-run":
        if (!starts() || context.forced?.has(instance.id)) enqueue(planned);
        else if (findUnread && !shared?.answers) enqueueNew(planned);
        else asking.set(instance.id, ask(planned));
        break;
      case "unknown":
        throw new Error(`"${instance.id}" waits for ${planned.waitsFor}, which are done`);
    }
  }

  /** Before a stage runs: is its result that of other params, or has somebody else made it? */
  async function ask(stage: ReadyStage): Promise<void> {
    const { instance } = stage;
    const before = context;
    ({ findUnread } = await import("../plan/unread.ts"));
    const other = findUnread(stage, store);
    const record = other || !shared?.answers ? undefined : await shared.fetch(stage);
    asking.delete(instance.id);
    if (other) restore(instance, other.record, other.reason);
    else if (record) restore(instance, record, "in the remote cache", { remote: true });
    else if (context === before) enqueue(stage);
    else settle(plan(instance, known, context)); // it has another key now
  }

  function restore(
    instance: StageInstance,
    record: ActionRecord,
    reason: string,
    from: { remote?: true } = {},
  ): void {
    known.set(instance.id, record.outputs);
    const result = describe(instance, "hit", record.key, reason);
    decide({ ...result, ...kept(record), ...from });
    emit({ type: "hit", id: instance.id, key: record.key, ...from });
  }

  async function work(stage: ReadyStage, claim: Claim, holding: Holding): Promise<void> {
    const { instance, key, reason } = stage;
    const begun = performance.now();
    const { id, resources } = instance;
    emit({ type: "started", id, key, reason, gpus: namesOf(holding.gpus), resources });
    const code = options.codeOf(instance.id);
    // There is one if it was forced, or others had it.
    const before = store.peekRecord(key)?.outputs ?? promised.get(instance.id);
    const failure = instance.contract.compute ? runtime.failure : undefined;
    const end: StageEnd = failure
      ? { status: "failed", failure, log: undefined }
      : await runStage(stage, {
        known,
        code,
        runtime: runtime.access,
        claim,
        holding,
        changed: async () => await context.changedSince?.(instance, stage.material),
      }, shop);
    const seconds = (performance.now() - begun) / 1000;
    switch (end.status) {
      case "ran": {
        known.set(instance.id, end.record.outputs);
        const result = describe(instance, "ran", key, reason);
        decide({ ...result, seconds, ...kept(end.record), ...end.used });
        emit({ type: "ran", id: instance.id, seconds });
        if (before && canonicalJson(before) !== canonicalJson(end.record.outputs)) {
          emit({ type: "notice", text: otherBytes(instance.id) });
        }
        shared?.give(end.record);
        for (const twin of ready) {
          if (twin.key !== key) continue;
          ready.delete(twin);
          restore(twin.instance, end.record, `same as "${instance.id}"`);
        }
        break;
      }
      case "failed":
        fail(stage, end, seconds);
        break;
      case "interrupted":
        interrupted = true;
        decide({
          ...describe(instance, "skipped", key, "interrupted; run again to go on from there"),
          seconds,
          ...end.used,
        });
        emit({ type: "interrupted", id: instance.id });
    }
  }

  function fail(
    { instance, key }: ReadyStage,
    { failure, log, used }: Omit<Extract<StageEnd, { status: "failed" }>, "status">,
    seconds: number,
  ): void {
    failed = true;
    const result = describe(instance, "failed", key, failure.message);
    const where = log === undefined ? { tail: [] } : { log, tail: logTail(log) };
    decide({ ...result, seconds, failure: { kind: failure.kind, ...where }, ...used });
    emit({ type: "failed", id: instance.id, failure, ...(log === undefined ? {} : { log }) });
  }

  function skip(instance: StageInstance, reason: string): void {
    waiting.delete(instance);
    decide(describe(instance, "skipped", null, reason));
    emit({ type: "skipped", id: instance.id, reason });
  }

  /** Another backend than the one planned with has come out: what has not started gets new keys. */
  function replan(now: Runtime): void {
    const { backend, version } = context.runtime;
    if (now.backend === backend && now.version === version) return;
    context = { ...context, runtime: now };
    const stages = [...ready];
    ready.clear();
    for (const { instance } of stages) settle(plan(instance, known, context));
  }

  /** Unless there is a result of other params that it has not read. */
  function enqueueNew(stage: ReadyStage): void {
    const other = findUnread?.(stage, store);
    if (other) restore(stage.instance, other.record, other.reason);
    else enqueue(stage);
  }

  /** A stage may run as soon as the files that it reads are here. */
  function enqueue(stage: ReadyStage): void {
    const absent = shared && starts() ? inputsElsewhere(stage.instance) : [];
    if (absent.length === 0) makeReady(stage);
    else bringing.set(stage.instance.id, bring(stage, absent));
  }

  /** Results that were found, of which not all need be here. */
  function inputsElsewhere(
    { inputs }: StageInstance,
  ): { id: string; key: string; outputs: string[] }[] {
    const references = Object.values(inputs).flat();
    return [...new Set(references.map(({ id }) => id))].flatMap((id) => {
      const { remote, key } = results.get(id) ?? {};
      const outputs = references.filter((one) => one.id === id).map(({ output }) => output);
      return remote && typeof key === "string" ? [{ id, key, outputs }] : [];
    });
  }

  async function bring(
    stage: ReadyStage,
    from: { id: string; key: string; outputs: string[] }[],
  ): Promise<void> {
    const { instance } = stage;
    const before = context;
    const lost = await Promise.all(from.map(async ({ id, key, outputs }) => {
      const came = await shared?.bring(id, key, outputs) ?? false;
      return came ? [] : [id];
    }));
    bringing.delete(instance.id);
    if (lost.flat().length > 0 && starts()) makeAgain(lost.flat(), instance);
    else if (context === before) makeReady(stage);
    else settle(plan(instance, known, context)); // it has another key now
  }

  /** What others have lost is planned and run as if they had never had it, and then who needs it. */
  function makeAgain(ids: string[], user: StageInstance): void {
    for (const id of ids) {
      const instance = byId.get(id);
      const outputs = known.get(id);
      if (!instance || !outputs || !results.get(id)?.remote) continue; // another user was first
      promised.set(id, outputs);
      known.delete(id);
      results.delete(id);
      waiting.add(instance);
      due.add(instance);
    }
    waiting.add(user);
    due.add(user);
  }

  function makeReady(stage: ReadyStage): void {
    ready.add(stage);
    sorted = undefined;
  }

  /** All that are ready, and some that were: thousands are sorted again only if one has joined. */
  function byLongestPath(): ReadyStage[] {
    sorted ??= sortReady();
    const first = sorted.findIndex((stage) => ready.has(stage));
    sorted.splice(0, first < 0 ? sorted.length : first);
    return sorted;
  }

  function sortReady(): ReadyStage[] {
    const stages = [...ready];
    if (stages.length < 2) return stages;
    paths ??= longestPaths(pipeline.stages, (id) => {
      const key = context.history.get(id);
      if (results.has(id)) return 0;
      return (key === undefined ? undefined : store.peekRecord(key)?.seconds) ?? UNKNOWN_SECONDS;
    });
    const length = (stage: ReadyStage) => paths?.get(stage.instance.id) ?? 0;
    return stages.sort((a, b) => length(b) - length(a)); // stable: equal ones stay in file order
  }

  const stopped = new Promise<void>((resolve) => {
    interruption.stop.addEventListener("abort", () => resolve(), { once: true });
  });
  advance();
  for (;;) {
    const { aborted } = interruption.stop;
    const pending: Promise<void>[] = [
      ...running.values(),
      ...asking.values(),
      ...bringing.values(),
    ];
    if (runtime.preparing && !aborted) pending.push(runtime.preparing);
    const others = starts() ? elsewhere.next(ready) : undefined;
    if (others) pending.push(others);
    if (pending.length === 0) break;
    freed = Promise.withResolvers();
    await Promise.race([...pending, freed.promise, ...(aborted ? [] : [stopped])]);
    advance();
  }

  elsewhere.close();

  const why = stopping() ? "not started: the run was interrupted" : "not started after a failure";
  // One reason for all of them, so no event for each.
  for (const instance of [...[...ready].map((stage) => stage.instance), ...waiting]) {
    results.set(instance.id, describe(instance, "skipped", null, why));
  }
  return {
    status: stopping() ? "interrupted" : failed ? "failed" : "ok",
    stages: pipeline.stages.flatMap(({ id }) => results.get(id) ?? []),
  };
}

function otherBytes(id: string): string {
  return `"${id}" has not made the same bytes as before; --check ${id} tells which files differ`;
}

function producersOf({ inputs }: StageInstance): string[] {
  return Object.values(inputs).flat().map((reference) => reference.id);
}

function describe(
  { id, uses }: StageInstance,
  status: StageResult["status"],
  key: string | null,
  reason: string,
): StageResult {
  return { id, uses, status, key, reason, seconds: 0, outputs: {}, metrics: {}, tables: [] };
}

/** What a stored result adds. */
function kept(
  { outputs, metrics, tables }: ActionRecord,
): Pick<StageResult, "outputs" | "metrics" | "tables"> {
  return { outputs, metrics, tables };
}
