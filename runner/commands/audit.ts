/**
 * `audit`: says what a stage touches and does not declare, and what it declares and does not touch.
 *
 * @module
 */
import { type Audited, auditStage } from "../audit/audit_stage.ts";
import { isUndeclared } from "../audit/compare.ts";
import { renderAudit } from "../audit/text.ts";
import type { TrialPlace } from "../check/trial.ts";
import type { ReadyStage } from "../execute/job.ts";
import { localExecutor } from "../execute/local.ts";
import { configFile } from "../plan/module_graph.ts";
import { type KnownOutputs, planPipeline } from "../plan/plan.ts";
import type { PlannedStage } from "../plan/record.ts";
import { chooseView } from "../ui/choose.ts";
import { watchInterrupts } from "./interrupt.ts";
import { codePaths, type PlanOptions, print, printError, type Surroundings } from "./options.ts";
import { packagesFolder } from "./places.ts";
import { openSession, type Session } from "./session.ts";
import { prepareTensors } from "./tensors.ts";
import { thisMachine } from "./this_machine.ts";

/** Audits a stage; of a matrix, each cell. What they need must be stored. @returns the exit code */
export async function auditCommand(
  file: string,
  stage: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<number> {
  const session = await openSession(file, { ...options, audit: [stage] }, surroundings, {
    write: true,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  using _store = session.store;
  using watch = watchInterrupts(() => printError("stopping\n"));
  const planned = await planPipeline(session.pipeline, session.context);
  const known: KnownOutputs = new Map(
    planned.flatMap((one) => one.status === "hit" ? [[one.instance.id, one.record.outputs]] : []),
  );
  const auditing = { session, known, options, surroundings, watch };
  const audits: Audited[] = [];
  for (const ready of planned.filter(isReady)) {
    if (watch.stop.aborted) break;
    const audited = await auditOne(ready, auditing);
    audits.push(audited);
    if (!options.json) print(renderAudit(audited, makerOf(session), surroundings.colors));
  }
  if (options.json) print(JSON.stringify(audits, null, 2) + "\n");
  if (watch.stop.aborted) return watch.exitCode;
  const isClean = audits.every(({ failure, findings }) =>
    failure === undefined && !isUndeclared(findings)
  );
  return isClean ? 0 : 1;
}

function isReady(planned: PlannedStage): planned is ReadyStage {
  return planned.status === "would-run";
}

async function auditOne(
  stage: ReadyStage,
  { session, known, options, surroundings, watch }: {
    session: Session;
    known: KnownOutputs;
    options: PlanOptions;
    surroundings: Surroundings;
    watch: TrialPlace["interruption"];
  },
): Promise<Audited> {
  const { root, colors } = surroundings;
  const { id, contract } = stage.instance;
  const view = chooseView({
    ids: [id],
    colors,
    write: printError,
    quiet: false,
    terminal: Deno.stderr.isTerminal(),
  });
  try {
    const runtime = contract.compute
      ? (await prepareTensors(options, surroundings, view)).access
      : undefined;
    view.show({ type: "started", id, reason: "runs with wide permissions; nothing is stored" });
    return await auditStage(stage, {
      given: { known, code: codePaths(root, session.context.code.get(id)), runtime },
      shop: { store: session.store, project: root, packages: packagesFolder(root) },
      capacity: thisMachine(session.pipeline, {}),
      interruption: watch,
    }, {
      executor: localExecutor(root, configFile(root)),
      onEvent(event) {
        if (event.type === "progress" || event.type === "log") view.show({ ...event, id });
      },
    });
  } finally {
    view.close();
  }
}

/**
 * Finds the output, as `id.output`, that a path in the store belongs to: of any stage of the pipeline,
 * as it was made last.
 */
function makerOf({ store, context }: Session): (path: string) => string | undefined {
  const makers = new Map<string, string>();
  for (const [id, key] of context.history) {
    const outputs = Object.entries(store.peekRecord(key)?.outputs ?? {});
    for (const [output, tree] of outputs) makers.set(tree, `${id}.${output}`);
  }
  const trees = `${store.folder}/trees/`;
  return (path) =>
    path.startsWith(trees) ? makers.get(path.slice(trees.length).split("/")[0]) : undefined;
}
