/**
 * Text → pipeline: reads a file and what it extends, chooses a profile, expands, checks and connects.
 *
 * Every mistake that can be found is found before any of them is shown.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { didYouMean } from "../nearest.ts";
import { checkChoices } from "./choices.ts";
import { holds } from "./condition.ts";
import { loadContracts } from "./contracts.ts";
import { isMapping, type PipelineDocument, readDocument } from "./document.ts";
import { type LookUp, substitute } from "./expression.ts";
import { describe } from "./findings.ts";
import type { Pipeline, Resources, StageInstance } from "./instance.ts";
import { makeLookUp } from "./look_up.ts";
import { expandMatrix } from "./matrix.ts";
import { type At, Mistakes } from "./mistakes.ts";
import { sortStages } from "./order.ts";
import { findPlace, paramBehind } from "./origin.ts";
import { applyChoices } from "./params.ts";
import { parseBytes, parseSeconds } from "./quantities.ts";
import type { StageEntry } from "./schema.ts";
import { valueAt } from "./schema_walk.ts";
import type { Step } from "./source.ts";
import { type Memo, paramsChecker } from "./stage_params.ts";
import { connect, type DeclaredStage } from "./wiring.ts";

/** What to load. */
export interface LoadOptions {
  /** The pipeline file, relative to where the person stands. */
  file: string;
  /** The project folder that holds `stages/` and `pipelines/`. */
  root: string;
  /** Name of a profile; undefined or `default` for the params as they are. */
  profile?: string;
  /** Changes of params, e.g. `train.epochs=3`; they win over the profile. */
  sets?: string[];
  /** Spares loading modules just to check their options. */
  memo?: Memo;
}

/** One cell of one stage on its way to an instance. */
interface Draft {
  id: string;
  name: string;
  entry: StageEntry;
  uses: string;
  lookUp: LookUp;
  /** Where the stage stands. */
  path: Step[];
}

/**
 * Loads a pipeline.
 *
 * @throws {UserError} with all mistakes and their places
 */
export async function loadPipeline(options: LoadOptions): Promise<Pipeline> {
  const { file, profile, sets = [], memo } = options;
  const root = resolve(options.root);
  const mistakes = new Mistakes();
  const document = await readDocument(resolve(file), mistakes);
  // Without a document every mistake names its file itself.
  if (!document) await mistakes.throwIfAny((at) => placeInSource(at));
  if (!document) throw new Error(`Cannot read ${file}: no reason is known`);
  const throwIfAny = () => mistakes.throwIfAny((at) => findPlace(document, at));

  applyChoices(document, profile, sets, mistakes);
  checkChoices(document.file, mistakes);
  const lookUpFor = makeLookUp(document, mistakes);
  // Also those that no stage uses: a mistake in them is one all the same.
  for (const name of Object.keys(document.file.params ?? {})) {
    lookUpFor(undefined)(`params.${name}`, { path: ["params", name] });
  }
  await throwIfAny();

  const { drafts, stages } = expandStages(document, lookUpFor, mistakes);
  const uses = new Map<string, At>();
  for (const draft of drafts) {
    if (!uses.has(draft.uses)) uses.set(draft.uses, { path: [...draft.path, "uses"] });
  }
  const contracts = await loadContracts(root, uses, mistakes);
  for (const { id, name, uses } of drafts) stages.get(name)?.present.set(id, contracts.get(uses));

  const checker = paramsChecker(root, mistakes, (path) => paramBehind(document, path), memo);
  const instances: StageInstance[] = [];
  for (const draft of drafts) {
    const contract = contracts.get(draft.uses);
    const { id, name, uses, entry, lookUp, path } = draft;
    const settings = readSettings(draft, mistakes);
    const before = mistakes.count;
    const given = substitute(entry.with ?? {}, [...path, "with"], lookUp, mistakes);
    const inputs = substitute(entry.inputs ?? {}, [...path, "inputs"], lookUp, mistakes);
    if (!contract || mistakes.count > before) continue;
    const stage = { name, uses, contract };
    const checked = await checker.check(stage, given, [...path, "with"]);
    const consumer = {
      ...stage,
      params: checked?.params,
      inputs: isMapping(inputs) ? inputs : {},
      path: [...path, "inputs"],
      mayLack: !checked,
    };
    const connected = connect(consumer, stages, mistakes);
    if (checked) instances.push({ id, ...stage, ...checked, inputs: connected, ...settings });
  }
  await throwIfAny();

  const { order, circle } = sortStages(instances);
  if (circle) {
    const [{ id, input, ref }] = circle;
    const ids = circle.map((step) => step.id);
    const name = instances.find((one) => one.id === id)?.name ?? id;
    mistakes.add(
      ids.length === 1
        ? `stage "${id}" needs its own output`
        : `stages need one another: ${ids.join(", ")}`,
      { path: ["stages", name, "inputs", input], within: `${ref.id}.${ref.output}` },
      ids.length === 1
        ? {}
        : { notes: circle.map((step) => `${step.id} takes ${step.ref.id}.${step.ref.output}`) },
    );
    await throwIfAny();
  }
  return {
    name: basename(file).replace(/\.ya?ml$/, ""),
    file,
    profile: document.profile ?? "default",
    stages: order,
  };
}

async function placeInSource({ source, path, on = "value" }: At) {
  const { locate } = await import("./locate.ts");
  if (!source) throw new Error(`Cannot place ${path.join(".")}: no file is known`);
  return locate(source, path, { on });
}

/** Matrix cells whose `when` holds, in the order of the file. */
function expandStages(
  document: PipelineDocument,
  lookUpFor: (matrix: Record<string, unknown> | undefined) => LookUp,
  mistakes: Mistakes,
): { drafts: Draft[]; stages: Map<string, DeclaredStage> } {
  const drafts: Draft[] = [];
  const stages = new Map<string, DeclaredStage>();
  for (const [name, entry] of Object.entries(document.file.stages ?? {})) {
    const path = ["stages", name];
    const cells = expandMatrix(name, entry.matrix, path, lookUpFor(undefined), mistakes);
    stages.set(name, {
      isMatrix: Boolean(entry.matrix),
      cells: cells.map(({ id }) => id),
      present: new Map(),
    });
    if (entry.uses === undefined) {
      const keys = Object.keys(entry);
      mistakes.add(`stage "${name}" does not say what it uses`, { path, on: "key" }, {
        hint: didYouMean("uses", keys) ?? "expected uses: STAGE",
      });
      continue;
    }
    for (const { id, values } of cells) {
      const lookUp = lookUpFor(values);
      if (entry.when !== undefined && !holds(entry.when, [...path, "when"], lookUp, mistakes)) {
        continue;
      }
      const before = mistakes.count;
      const uses = substitute(entry.uses, [...path, "uses"], lookUp, mistakes);
      if (mistakes.count > before) continue;
      drafts.push({ id, name, entry, uses: String(uses), lookUp, path });
    }
  }
  if (stages.size === 0) {
    mistakes.add(`${document.sources[0].shown} has no stages`, undefined, {
      hint: "expected stages: { NAME: { uses: STAGE } }",
    });
  } else if (drafts.length === 0 && mistakes.count === 0) {
    mistakes.add(`no stage of ${document.sources[0].shown} is in the pipeline`, {
      path: ["stages"],
      on: "key",
    }, { hint: 'every "when" is false with these params' });
  }
  return { drafts, stages };
}

/** Resources, time limit and retries of a stage. */
function readSettings(
  { name, entry, lookUp, path }: Draft,
  mistakes: Mistakes,
): Pick<StageInstance, "resources" | "timeoutSeconds" | "retries"> {
  const read = <T>(
    steps: Step[],
    parse: (value: unknown) => T | undefined,
    expected: string,
  ): T | undefined => {
    const at = [...path, ...steps];
    const before = mistakes.count;
    const value = substitute(valueAt(entry, steps) ?? undefined, at, lookUp, mistakes);
    if (mistakes.count > before || value === undefined || value === null) return undefined;
    const parsed = parse(value);
    if (parsed === undefined) {
      mistakes.add(`"${steps.join(".")}" of stage "${name}" must be ${expected}`, { path: at }, {
        hint: `found ${describe(value)}`,
      });
    }
    return parsed;
  };
  const whole = (least: number) => (value: unknown) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= least ? value : undefined;
  const text = (parse: (text: string) => number | undefined) => (value: unknown) =>
    typeof value === "string" || typeof value === "number" ? parse(String(value)) : undefined;

  const memory = read(["resources", "memory"], text(parseBytes), "a size such as 2GiB");
  const resources: Resources = {
    cpu: read(["resources", "cpu"], whole(1), "a whole number from 1") ?? 1,
    gpu: read(["resources", "gpu"], whole(0), "a whole number from 0") ?? 0,
    ...(memory === undefined ? {} : { memory }),
  };
  const timeoutSeconds = read(
    ["timeout"],
    text(parseSeconds),
    "a time such as 90s, 30m, 12h or 2d",
  );
  return {
    resources,
    retries: read(["retries"], whole(0), "a whole number from 0") ?? 0,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}
