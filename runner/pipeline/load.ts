/**
 * Text → pipeline: reads a file and what it extends and includes, chooses profiles, expands, checks
 * and connects.
 *
 * Every mistake that can be found is found before any of them is shown.
 *
 * @module
 */
import { basename, resolve } from "node:path";
import { type Place, UserError } from "../diagnostic.ts";
import { didYouMean } from "../nearest.ts";
import { checkChoices } from "./choices.ts";
import { holds } from "./condition.ts";
import { loadContracts } from "./contracts.ts";
import type { DocumentMemo } from "./document_memo.ts";
import { isMapping, type PipelineDocument, readDocument } from "./document.ts";
import { mergeEqual } from "./equal_stages.ts";
import { type LookUp, substitute } from "./expression.ts";
import { loadIncludes, type LoadPart, type Part, type PartRequest, sortSets } from "./include.ts";
import type { Pipeline, StageInstance } from "./instance.ts";
import { makeLookUp } from "./look_up.ts";
import { expandMatrix } from "./matrix.ts";
import { type At, Mistakes } from "./mistakes.ts";
import { type CircleStep, sortStages } from "./order.ts";
import { findPlace, paramBehind } from "./origin.ts";
import { applyChoices } from "./params.ts";
import type { StageEntry } from "./schema.ts";
import { showPath, type Step } from "./source.ts";
import { type Memo, paramsChecker } from "./stage_params.ts";
import { readSlots } from "./slots.ts";
import { readSettings } from "./stage_settings.ts";
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
  /** Spares reading and checking files that have not changed. */
  documents?: DocumentMemo;
}

/** One cell of one stage on its way to an instance. */
interface Draft {
  id: string;
  name: string;
  entry: StageEntry;
  uses: string;
  /** Its values in the matrix. */
  cell: Record<string, unknown> | undefined;
  lookUp: LookUp;
  /** Where the stage stands. */
  path: Step[];
}

/** Of the many stages without. Whoever finds one makes a list for its stage. */
const NO_ALIASES: string[] = [];

/** So many files may belong to a pipeline; includes that double at every level make more. */
const MOST_FILES = 100;

/**
 * Loads a pipeline.
 *
 * @throws {UserError} with all mistakes and their places
 */
export async function loadPipeline(options: LoadOptions): Promise<Pipeline> {
  const { file, profile, sets = [], memo, documents } = options;
  const root = resolve(options.root);
  let files = 0;
  const load = async (request: PartRequest): Promise<Part> => {
    if (++files <= MOST_FILES) return await loadPart(request, root, { memo, documents }, load);
    throw new UserError(`the pipeline includes more than ${MOST_FILES} files`);
  };
  const part = await load({
    path: resolve(file),
    choices: {
      profile: profile === undefined ? undefined : fromArgument(profile),
      given: undefined,
    },
    sets: sets.map((text) => ({ text, includes: [] })),
    includes: [],
    chain: [],
    show: showPath,
  });
  return {
    name: basename(file).replace(/\.ya?ml$/, ""),
    file,
    profile: part.profile ?? "default",
    params: part.params,
    stages: mergeEqual(part.instances),
    slots: part.slots,
  };
}

function fromArgument(profile: string): { name: string; at: Place } {
  const option = "--profile ";
  const text = option + profile;
  return {
    name: profile,
    at: { line: 1, column: option.length + 1, length: profile.length, text },
  };
}

/** Loads one file with all that it includes. */
async function loadPart(
  request: PartRequest,
  root: string,
  { memo, documents }: { memo: Memo | undefined; documents: DocumentMemo | undefined },
  load: LoadPart,
): Promise<Part> {
  const mistakes = new Mistakes();
  const document = await readDocument(request.path, mistakes, request.show, documents);
  // Without a document every mistake names its file itself.
  if (!document) await mistakes.throwIfAny((at) => placeInSource(at));
  if (!document) throw new Error(`Cannot read ${request.path}: no reason is known`);
  const throwIfAny = () => mistakes.throwIfAny((at) => findPlace(document, at));

  const { own, byInclude } = sortSets(document, request.sets);
  await applyChoices(document, request.choices, own, mistakes);
  checkChoices(document.file, mistakes);
  const lookUpFor = makeLookUp(document, mistakes);
  // Also those that no stage uses: a mistake in them is one all the same.
  const params: Record<string, unknown> = {};
  for (const name of Object.keys(document.file.params ?? {})) {
    params[name] = lookUpFor(undefined)(`params.${name}`, { path: ["params", name] });
  }
  await throwIfAny();

  const included = await loadIncludes(
    document,
    request,
    byInclude,
    lookUpFor(undefined),
    load,
    mistakes,
  );
  const isWhole = mistakes.count === 0;
  const { drafts, stages } = await expandStages(document, lookUpFor, mistakes);
  const uses = new Map<string, At>();
  for (const draft of drafts) {
    const at: At = { path: [...draft.path, "uses"], cell: draft.cell };
    if (!uses.has(draft.uses)) uses.set(draft.uses, at);
  }
  const contracts = await loadContracts(root, uses, mistakes);
  for (const { id, name, uses } of drafts) stages.get(name)?.present.set(id, contracts.get(uses));
  const known = new Map([...stages, ...included.stages]);

  const paramAt = (at: At) => {
    const param = paramBehind(document, at);
    return param === undefined ? undefined : [...request.includes, param].join(".");
  };
  const slots = readSlots(document.file.slots, lookUpFor(undefined), mistakes);
  const checker = paramsChecker(root, mistakes, paramAt, memo);
  const instances: StageInstance[] = [];
  drafts.reverse();
  for (let draft = drafts.pop(); draft; draft = drafts.pop()) { // gone once it is used
    const contract = contracts.get(draft.uses);
    const { id, name, uses, entry, cell, lookUp, path } = draft;
    const settings = readSettings(draft, slots, mistakes);
    const before = mistakes.count;
    const given = substitute(entry.with ?? {}, [...path, "with"], lookUp, mistakes);
    const inputs = substitute(entry.inputs ?? {}, [...path, "inputs"], lookUp, mistakes);
    if (!contract || mistakes.count > before) continue;
    const stage = { name, uses, contract };
    const checked = await checker.check(stage, given, { path: [...path, "with"], cell });
    // What is not there cannot be connected, and it is not the stage's fault.
    if (!isWhole) continue;
    const consumer = {
      ...stage,
      params: checked?.params,
      inputs: isMapping(inputs) ? inputs : {},
      path: [...path, "inputs"],
      mayLack: !checked,
    };
    const connected = connect(consumer, known, mistakes);
    if (!checked) continue;
    instances.push({
      id,
      aliases: NO_ALIASES,
      ...stage,
      ...checked,
      inputs: connected,
      ...settings,
    });
  }
  await throwIfAny();

  const { order, circle } = sortStages(instances);
  if (circle) {
    reportCircle(circle, instances, mistakes);
    await throwIfAny();
  }
  return {
    profile: document.profile,
    params: { ...params, ...included.params },
    instances: [...included.instances, ...order],
    stages: known,
    slots: { ...included.slots, ...slots },
  };
}

/** @param circle at least one step */
function reportCircle(
  circle: CircleStep[],
  instances: StageInstance[],
  mistakes: Mistakes,
): void {
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
}

async function placeInSource({ source, path, on = "value" }: At) {
  const { locate } = await import("./locate.ts");
  if (!source) throw new Error(`Cannot place ${path.join(".")}: no file is known`);
  return locate(source, path, { on });
}

/** Matrix cells whose `when` holds, in the order of the file. */
async function expandStages(
  document: PipelineDocument,
  lookUpFor: (matrix: Record<string, unknown> | undefined) => LookUp,
  mistakes: Mistakes,
): Promise<{ drafts: Draft[]; stages: Map<string, DeclaredStage> }> {
  const drafts: Draft[] = [];
  const stages = new Map<string, DeclaredStage>();
  const lookUpParams = lookUpFor(undefined);
  const entries = document.file.stages ?? {};
  for (const name of Object.keys(entries)) {
    const entry = entries[name];
    const path = ["stages", name];
    const cells = expandMatrix(name, entry.matrix, path, lookUpParams, mistakes);
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
    for (const { id, values: cell } of cells) {
      const lookUp = cell === undefined ? lookUpParams : lookUpFor(cell);
      if (entry.when !== undefined) {
        if (!await holds(entry.when, [...path, "when"], lookUp, mistakes)) continue;
      }
      const before = mistakes.count;
      const uses = substitute(entry.uses, [...path, "uses"], lookUp, mistakes);
      if (mistakes.count > before) continue;
      drafts.push({ id, name, entry, uses: String(uses), cell, lookUp, path });
    }
  }
  if (Object.keys(document.file.include ?? {}).length > 0) return { drafts, stages };
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
