/**
 * `run --check` and `run --check-resume`: runs stored stages once more and compares.
 *
 * @module
 */
import type { CheckRequest } from "../check/check.ts";
import { type CheckKind, describeCheck, type StageCheck } from "../check/outcome_text.ts";
import { checkRepeat } from "../check/repeat.ts";
import { checkResume } from "../check/resume.ts";
import type { Interruption } from "../execute/attempt.ts";
import { onOneProcessor } from "../execute/confined.ts";
import { localExecutor } from "../execute/local.ts";
import type { StageResult } from "../execute/run_event.ts";
import type { RuntimeAccess } from "../execute/sandbox.ts";
import type { StageInstance } from "../pipeline/instance.ts";
import { selectStages } from "../pipeline/select.ts";
import { configFile } from "../plan/module_graph.ts";
import type { ActionRecord } from "../plan/record.ts";
import type { Store } from "../store/store.ts";
import type { View } from "../ui/view.ts";
import { codePaths, type RunCommandOptions, type Surroundings } from "./options.ts";
import { packagesFolder } from "./places.ts";
import type { Session } from "./session.ts";
import { prepareTensors } from "./tensors.ts";
import { thisMachine } from "./this_machine.ts";

/** How often a stage is stopped, if the person does not say. */
const STOPS = 3;

/** What the checks are made on. */
export interface Checking {
  session: Session;
  /** Of a run, or plan, that made or found all that is checked. */
  result: { stages: Pick<StageResult, "id" | "key" | "outputs">[] };
  options: RunCommandOptions;
  surroundings: Surroundings;
  interruption: Interruption;
  /** Shows how a check goes. */
  openView: () => View;
  /** Hears what each has come to. */
  tell: (check: StageCheck) => void;
}

/** Checks one stage after the other; notes in their records what was verified. */
export async function checkStages(checking: Checking): Promise<StageCheck[]> {
  const { session: { pipeline, store }, options, interruption } = checking;
  const tasks = (["deterministic", "resumable"] as const).flatMap((kind) => {
    const [words, option] = kind === "deterministic"
      ? [options.check, "--check"]
      : [options.checkResume, "--check-resume"];
    const ids = selectStages(pipeline.stages, words ?? [], option);
    return pipeline.stages.filter(({ id }) => ids.has(id)).map((instance) => ({ kind, instance }));
  });
  const checks: StageCheck[] = [];
  let access: RuntimeAccess | undefined;
  for (const { kind, instance } of tasks) {
    if (interruption.stop.aborted) break;
    const view = checking.openView();
    try {
      if (instance.contract.compute) {
        access ??= (await prepareTensors(options, checking.surroundings, view)).access;
      }
      const request = await requestFor(checking, instance, { view, access });
      const { id } = instance;
      view.show({ type: "started", id, reason: `run once more: is it ${kind}?` });
      const begun = performance.now();
      const end = kind === "deterministic"
        ? await checkRepeat(request)
        : await checkResume(request, { stops: options.stops ?? STOPS });
      checks.push(describeCheck(id, kind, end, (performance.now() - begun) / 1000));
      if (checks.at(-1)?.status === "verified") noteVerified(store, request.record, kind);
    } finally {
      view.close();
    }
    checks.slice(-1).forEach(checking.tell);
  }
  return checks;
}

/** Its record has it from now on. */
function noteVerified(store: Store, { key }: ActionRecord, kind: CheckKind): void {
  const record = store.getRecord(key);
  if (!record) return; // removed meanwhile
  store.putRecord({
    ...record,
    verified: { ...record.verified, [kind]: new Date().toISOString() },
  });
}

async function requestFor(
  { session, result, options, surroundings, interruption }: Checking,
  instance: StageInstance,
  { view, access: runtime }: { view: View; access: RuntimeAccess | undefined },
): Promise<CheckRequest> {
  const { id } = instance;
  const { pipeline, store, context } = session;
  const { root } = surroundings;
  const key = result.stages.find((stage) => stage.id === id)?.key;
  const record = key ? store.getRecord(key) : undefined;
  if (!record) throw new Error(`Cannot check "${id}": its result is not stored`);
  const stored: Record<string, string> = {};
  for (const [output, tree] of Object.entries(record.outputs)) {
    stored[output] = await store.materialise(tree);
  }
  const config = configFile(root);
  return {
    stage: {
      instance,
      status: "would-run",
      key: record.key,
      material: record.material,
      reason: "",
    },
    record,
    stored,
    place: {
      given: {
        known: new Map(result.stages.map(({ id, outputs }) => [id, outputs])),
        code: codePaths(root, context.code.get(id)),
        runtime,
      },
      shop: { store, project: root, packages: packagesFolder(root) },
      capacity: thisMachine(pipeline, options),
      interruption,
    },
    executors: {
      usual: localExecutor(root, config),
      confined: localExecutor(root, config, onOneProcessor()),
    },
    onEvent(event) {
      if (event.type === "progress" || event.type === "log") view.show({ ...event, id });
    },
  };
}
