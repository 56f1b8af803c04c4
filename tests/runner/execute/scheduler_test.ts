import assert from "node:assert/strict";
import type { Executor, Job, Outcome } from "../../../runner/execute/executor.ts";
import type { RunEvent, RunResult } from "../../../runner/execute/run_event.ts";
import { type RunOptions, runPipeline } from "../../../runner/execute/scheduler.ts";
import type { StageInstance } from "../../../runner/pipeline/instance.ts";
import type { KnownOutputs, PlanContext } from "../../../runner/plan/plan.ts";
import type { ActionRecord, PlannedStage } from "../../../runner/plan/record.ts";
import { Store } from "../../../runner/store/store.ts";
import { instance } from "./instance.ts";

const WASM = { backend: "wasm", version: "1" };
const FAST = { backend: "tensorflow", version: "2" };

/** Keys name the stage and, if it computes, the backend; the store is asked for them as ever. */
function plan(instance: StageInstance, _: KnownOutputs, context: PlanContext): PlannedStage {
  const runtime: Record<string, string> = instance.contract.compute
    ? { backend: context.runtime.backend }
    : {};
  const text = [instance.id, runtime.backend ?? ""].join();
  const key = [...new TextEncoder().encode(text)].map((byte) => byte.toString(16)).join("")
    .padEnd(64, "0").slice(0, 64);
  const found = context.store.lookup(key);
  if (found.status === "found") {
    return { instance, status: "hit", key, record: found.record, reason: "nothing changed" };
  }
  const material: ActionRecord["material"] = {
    format: 1,
    stage: { name: instance.uses, version: 0 },
    code: {},
    params: {},
    inputs: {},
    runtime,
  };
  return { instance, status: "would-run", key, material, reason: "never run before" };
}

/** Writes the stage's id into its output, or fails as told. */
function fakeExecutor(outcomes: Record<string, Outcome>, started: string[]): Executor {
  return {
    start({ request }: Job) {
      started.push(request.id);
      const outcome = outcomes[request.id] ?? { status: "finished" };
      if (outcome.status === "finished") {
        Deno.writeTextFileSync(`${request.outputs.out}/id.txt`, request.id);
      }
      return { outcome: Promise.resolve(outcome), stop() {}, kill() {} };
    },
  };
}

interface Ran {
  result: RunResult;
  started: string[];
  events: RunEvent[];
  prepared: number;
}

async function run(
  stages: StageInstance[],
  options: Partial<RunOptions> & {
    outcomes?: Record<string, Outcome>;
    store?: Store;
    history?: Map<string, string>;
  } = {},
): Promise<Ran> {
  const folder = await Deno.makeTempDir();
  const store = options.store ?? Store.open(folder);
  const started: string[] = [];
  const events: RunEvent[] = [];
  let prepared = 0;
  const prepare = options.prepareRuntime ??
    (() => Promise.resolve({ runtime: FAST, access: { env: {}, read: [] } }));
  try {
    const result = await runPipeline({
      pipeline: { name: "p", file: "p.yaml", profile: "default", params: {}, stages },
      context: {
        store,
        pipeline: "p",
        runtime: FAST,
        code: new Map(),
        history: options.history ?? new Map(),
        digestPath: () => "",
      },
      shop: {
        pipeline: "p",
        project: "/p",
        packages: "/p/node_modules",
        store,
        executor: fakeExecutor(options.outcomes ?? {}, started),
        interruption: { stop: new AbortController().signal, kill: new AbortController().signal },
        emit: (event) => events.push(event),
        backOff: 0,
      },
      capacity: { cpu: 1, memory: 1e9, gpus: [], slots: {} },
      failFast: false,
      codeOf: () => [],
      plan,
      ...options,
      prepareRuntime: () => {
        prepared++;
        return prepare();
      },
    });
    return { result, started, events, prepared };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const statuses = ({ result }: Ran) => result.stages.map(({ id, status }) => `${id} ${status}`);

Deno.test("the tensor library is prepared once, for the first stage that computes", async () => {
  const compute = { contract: { compute: true } };
  const two = await run([instance("a"), instance("b", compute), instance("c", compute)]);
  assert.deepEqual(statuses(two), ["a ran", "b ran", "c ran"]);
  assert.equal(two.prepared, 1);
  assert.equal((await run([instance("a")])).prepared, 0);
});

Deno.test("when another backend comes out, stages that compute are planned anew with it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const store = Store.open(folder);
    const stages = [instance("a", { contract: { compute: true } }), instance("b")];
    const prepareRuntime = () => Promise.resolve({ runtime: WASM, access: { env: {}, read: [] } });
    const first = await run(stages, { store, prepareRuntime });
    assert.deepEqual(statuses(first), ["a ran", "b ran"]);
    const key = first.result.stages[0].key ?? "";
    assert.equal(store.peekRecord(key)?.material.runtime.backend, "wasm");
    // The same again: the key with the other backend is a hit, so nothing runs.
    const second = await run(stages, { store, prepareRuntime });
    assert.deepEqual(statuses(second), ["a hit", "b hit"]);
    assert.deepEqual(second.started, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("without a tensor library the stages that compute fail, the others run", async () => {
  const ran = await run([instance("a", { contract: { compute: true } }), instance("b")], {
    prepareRuntime: () => Promise.reject(new Error("no library")),
  });
  assert.deepEqual(statuses(ran), ["a failed", "b ran"]);
  assert.equal(ran.result.stages[0].reason, "no library");
});

Deno.test("of several ready stages the one with the longest known way starts first", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const store = Store.open(folder);
    const record = (id: string, seconds: number): [string, string] => {
      const key = id.repeat(64);
      store.putRecord({
        key,
        material: { ...EMPTY_MATERIAL },
        outputs: {},
        metrics: {},
        tables: [],
        curves: {},
        madeBy: { pipeline: "p", id },
        startedAt: new Date(0).toISOString(),
        seconds,
        host: { name: "", cpu: "", os: "" },
        log: "0".repeat(64),
      });
      return [id, key];
    };
    const history = new Map([record("a", 1), record("b", 5), record("c", 2), record("d", 9)]);
    const { started } = await run(
      [instance("a"), instance("b"), instance("c"), instance("d", { needs: ["c"] })],
      { store, history },
    );
    assert.deepEqual(started, ["c", "d", "b", "a"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an attempt that is worth repeating is repeated while others run, a refused access is not", async () => {
  const failed = (kind: "error" | "denied"): Outcome => ({
    status: "failed",
    failure: { kind, message: kind },
  });
  const ran = await run([instance("a", { retries: 2 }), instance("b", { retries: 2 })], {
    outcomes: { a: failed("error"), b: failed("denied") },
  });
  assert.deepEqual(statuses(ran), ["a failed", "b failed"]);
  assert.deepEqual(ran.started, ["a", "b", "a", "a"]); // "a" holds no processor while it waits
});

Deno.test("failing fast, running stages end, dependents are skipped and the rest is not started", async () => {
  const ran = await run(
    [
      instance("a"),
      instance("b", { needs: ["a"] }),
      instance("c", { needs: ["b"] }),
      instance("d"),
    ],
    { outcomes: BROKEN, failFast: true },
  );
  assert.deepEqual(ran.result.stages.map(({ status, reason }) => `${status}: ${reason}`), [
    "failed: broken",
    'skipped: needs "a", which failed',
    'skipped: needs "b", which was skipped',
    "skipped: not started after a failure",
  ]);
  assert.equal(ran.result.status, "failed");
});

Deno.test("after a failure what does not depend on it runs, unless failing fast is wanted", async () => {
  const stages = [instance("a"), instance("b", { needs: ["a"] }), instance("c")];
  const ran = await run(stages, { outcomes: BROKEN });
  assert.deepEqual(statuses(ran), ["a failed", "b skipped", "c ran"]);
  assert.equal(ran.result.status, "failed");
});

const BROKEN: Record<string, Outcome> = {
  a: { status: "failed", failure: { kind: "error", message: "broken" } },
};

const EMPTY_MATERIAL: ActionRecord["material"] = {
  format: 1,
  stage: { name: "some", version: 0 },
  code: {},
  params: {},
  inputs: {},
  runtime: {},
};
