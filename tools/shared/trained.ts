/**
 * Trained networks by the names that people give them: a run, a pipeline, a folder, a file.
 *
 * @module
 */
import { resolve } from "node:path";
import { z } from "zod";
import { storedArtifact, storedStages } from "../../runner/commands/stored_artifact.ts";
import { type PlanOptions, storeFolder, type Surroundings } from "../../runner/commands/options.ts";
import { UserError } from "../../runner/diagnostic.ts";
import { EarlierRecords } from "../../runner/explain/earlier_records.ts";
import { didYouMean } from "../../runner/nearest.ts";
import { modulesOf } from "../../runner/pipeline/contracts.ts";
import { readArtifactName } from "../../runner/explain/find_artifact.ts";
import type { ActionRecord } from "../../runner/plan/record.ts";
import type { RunRecord } from "../../runner/runs/run_record.ts";
import { newestRuns, selectRun } from "../../runner/runs/select_run.ts";
import { Store } from "../../runner/store/store.ts";

/** A network with its weights. */
export interface TrainedNetwork {
  /** Path below `models` without `.ts`, e.g. `sr/edsr`. */
  network: string;
  /** What it is built with; defaults may be left out. */
  options: Record<string, unknown>;
  /** Absolute path of its weights. */
  file: string;
}

/** What a name stands for: S, T or both. */
export interface Trained {
  /** As it was asked for. */
  name: string;
  /** Absolute path of the folder, or of the file of weights. */
  path: string;
  /** Up-scaling factor. */
  scale: number;
  /** K names, background included where the task has it; none without T. */
  classes: string[];
  /** How it was trained, e.g. `sr4ir`, where a model folder says so. */
  setting?: string;
  /** How low-resolution images were made for it, where that is known. */
  degradation?: string;
  /** What of each picture T was shown in training, where that is known. */
  transform?: { resize: number | null; crop: number | null };
  sr?: TrainedNetwork;
  /** `kind`: a file of `ml/tasks`, e.g. `detection`. */
  task?: TrainedNetwork & { kind: string };
}

/** What is added where a name alone does not tell. */
export interface TrainedOptions extends PlanOptions {
  /** A file below `models`, for a file of weights. */
  network?: string;
  /** Its up-scaling factor; default 4. */
  scale?: number;
}

/** Weights that are no folder of a stage. */
const WEIGHTS = /\.(safetensors|pth|pt|ckpt)$/;

const described = z.object({ network: z.string(), options: z.record(z.string(), z.unknown()) });

const model = z.object({
  setting: z.string().optional(),
  degradation: z.string().optional(),
  scale: z.int(),
  classes: z.array(z.string()),
  task: described,
  sr: described.optional(),
});

/** What `params` of a stage that trains S alone say. */
const srParams = z.object({
  degradation: z.string().optional(),
  network: z.string(),
  network_options: z.record(z.string(), z.unknown()).default({}),
  scale: z.int().default(4),
});

/** What `params` of a stage that trains T say of it. */
const taskParams = z.object({
  transform: z.object({ resize: z.int().nullable(), crop: z.int().nullable() }),
});

/** What may be asked for, said to whoever asked for something else. */
const EXPECTED = [
  "expected one of",
  "  RUN                the SR4IR model of a run; last: of the last that has trained one",
  "  FILE               such as pipelines/det_coco.yaml: the same of what is stored of a pipeline",
  "  RUN:STAGE.OUTPUT   such as last:swt/4/edsr_light.model",
  "  a folder with a model.json, or a file of weights (.safetensors, .pth) with --network",
];

/**
 * Finds trained networks.
 *
 * @param name a run, a pipeline file, `RUN:STAGE.OUTPUT`, `FILE:STAGE.OUTPUT`, a folder with a
 *   `model.json`, or a file of weights
 * @throws {UserError} if there are none of that name, or several
 */
export async function findTrained(
  name: string,
  options: TrainedOptions,
  surroundings: Surroundings,
): Promise<Trained> {
  const path = resolve(name);
  const info = statIfThere(path);
  if (info?.isFile && WEIGHTS.test(path)) {
    return weightsFile(name, path, options, surroundings.root);
  }
  if (info?.isDirectory && isFile(`${path}/model.json`)) return modelFolder(name, path);

  const where = storeFolder(surroundings.root, options.store);
  // Laying a result out writes; but a mistyped name makes no store.
  using store = Store.open(where, { write: statIfThere(where) !== undefined });
  const records = new EarlierRecords(store);
  const full = info?.isDirectory || readArtifactName(name) !== undefined || isDigest(name)
    ? name
    : await defaultArtifact(name, store, options, surroundings);
  const meant = full.replace(/^last(?=:)/, () => lastTraining(store)?.id ?? "last");
  const { record, output } = await storedArtifact(meant, { store, records }, options, surroundings);
  const folder = await store.materialise(record.outputs[output]);
  if (isFile(`${folder}/model.json`)) return modelFolder(full, folder, record);
  if (isFile(`${folder}/sr.safetensors`)) return srFolder(full, folder, record);
  throw new UserError({
    message: `${full} holds no trained network`,
    notes: [`it is ${output} of stage ${record.madeBy.id} (${record.material.stage.name})`],
  });
}

/** Of a run or a pipeline: its SR4IR model, else its only model, else its only S. */
async function defaultArtifact(
  name: string,
  store: Store,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<string> {
  const candidates = /\.ya?ml$/.test(name)
    ? candidatesAmong(name, await storedStages(name, options, surroundings))
    : name === "last"
    ? lastCandidates(store)
    : runCandidates(store, name, select(store, name));
  if (candidates.length === 1) return candidates[0];
  throw new UserError({
    message: candidates.length === 0
      ? `${name} has no trained network in the store ${store.folder}`
      : `${name} has ${candidates.length} trained networks that may be meant`,
    notes: candidates.length === 0 ? EXPECTED : ["name one of them:", ...candidates],
  });
}

function lastCandidates(store: Store): string[] {
  const run = lastTraining(store);
  return run === undefined
    ? runCandidates(store, "last", select(store, "last"))
    : runCandidates(store, run.id, run);
}

/** The last run that has trained something: using a network is a run too, and no reason to lose it. */
function lastTraining(store: Store): RunRecord | undefined {
  return newestRuns(store).find((run) =>
    run.status !== "running" && runCandidates(store, run.id, run).length > 0
  );
}

function runCandidates(store: Store, name: string, { stages }: RunRecord): string[] {
  return candidatesAmong(
    name,
    stages.map(({ id, key }) => ({ id, record: key === null ? undefined : store.peekRecord(key) })),
  );
}

function candidatesAmong(
  name: string,
  stages: readonly { id: string; record: ActionRecord | undefined }[],
): string[] {
  const having = (output: string, fits: (record: ActionRecord) => boolean = () => true) =>
    stages.filter(({ record }) => record && output in record.outputs && fits(record))
      .map(({ id }) => `${name}:${id}.${output}`);
  return [
    having("model", ({ material }) => material.params.setting === "sr4ir"),
    having("model"),
    having("weights", ({ material }) => material.stage.name === "train_sr"),
  ].find((found) => found.length > 0) ?? [];
}

function select(store: Store, name: string) {
  try {
    return selectRun(store, name);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [first, ...rest] = error.diagnostics;
    throw new UserError([{ ...first, notes: EXPECTED }, ...rest]);
  }
}

/** @param record what is stored of its making, if it comes from a store */
function modelFolder(name: string, path: string, record?: ActionRecord): Trained {
  const read = model.safeParse(parse(Deno.readTextFileSync(`${path}/model.json`)));
  if (!read.success) {
    throw new UserError({
      message: `Cannot read ${path}/model.json: it is not what a training writes`,
      notes: read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    });
  }
  const { setting, degradation, scale, classes, task, sr } = read.data;
  const params = taskParams.safeParse(record?.material.params);
  return {
    name,
    path,
    scale,
    classes,
    ...setting === undefined ? {} : { setting },
    ...degradation === undefined ? {} : { degradation },
    ...params.success ? { transform: params.data.transform } : {},
    task: { ...task, kind: task.network.split("/")[0], file: `${path}/task.safetensors` },
    ...sr === undefined ? {} : {
      sr: {
        network: `sr/${sr.network}`,
        options: { ...sr.options, scale },
        file: `${path}/sr.safetensors`,
      },
    },
  };
}

/** Undefined for a text that is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** S alone: only the record says which network it is. */
function srFolder(name: string, path: string, { material, madeBy }: ActionRecord): Trained {
  const read = srParams.safeParse(material.params);
  if (!read.success) {
    throw new UserError({
      message: `Cannot tell which network ${name} is for: ${madeBy.id} was not told either`,
      notes: [`give the file with its network: ${path}/sr.safetensors --network sr/edsr`],
    });
  }
  const { network, network_options, scale, degradation } = read.data;
  return {
    name,
    path,
    scale,
    classes: [],
    ...degradation === undefined ? {} : { degradation },
    sr: {
      network: `sr/${network.replace(/^sr\//, "")}`,
      options: { ...network_options, scale },
      file: `${path}/sr.safetensors`,
    },
  };
}

function weightsFile(
  name: string,
  path: string,
  { network, scale = 4 }: TrainedOptions,
  root: string,
): Trained {
  if (network === undefined) {
    throw new UserError({
      message: `${name} does not say which network it is for`,
      notes: ["add --network, a file below models: --network sr/edsr --scale 4"],
    });
  }
  const networks = modulesOf(`${root}/models`);
  if (!networks.includes(network)) {
    const hint = didYouMean(network, networks);
    throw new UserError({
      message: `there is no network ${network}`,
      ...hint === undefined ? {} : { hint },
      notes: [`models has: ${networks.join(", ")}`],
    });
  }
  const kind = network.split("/")[0];
  const one = { network, file: path };
  return kind === "sr"
    ? { name, path, scale, classes: [], sr: { ...one, options: { scale } } }
    : { name, path, scale, classes: [], task: { ...one, options: {}, kind } };
}

function isDigest(text: string): boolean {
  return /^[0-9a-f]{12,64}$/.test(text);
}

function isFile(path: string): boolean {
  return statIfThere(path)?.isFile ?? false;
}

function statIfThere(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined; // it may be a name of another kind
  }
}
