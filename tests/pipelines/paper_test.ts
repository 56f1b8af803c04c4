/**
 * `pipelines/paper.yaml` against the published configurations: all 92, every number that makes a
 * result what it is.
 *
 * The original numbers its option files 000 to 044 (a second dataset of a task: 100 to 144): the
 * first two digits say what is low-resolution and which S there is, the last one the setting.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { StageInstance } from "../../runner/pipeline/instance.ts";
import { loadPipeline } from "../../runner/pipeline/load.ts";
import { rateSchedule, SETTING } from "../../ml/train/settings.ts";
import type { SettingName } from "../../ml/train/setting_names.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");

/** One published configuration, in this project's words. */
interface Configuration {
  setting: SettingName | "sr";
  task: string;
  /** Null: the originals. */
  scale: number | null;
  sr: string | null;
  network: string | null;
  dataset: string;
  epochs: number;
  batch: number;
  seed: number;
  /** Lengths of the cosines, epochs; behind a linear rise. */
  linear: number;
  periods: number[];
  tdpWarmUp: number | null;
  sgd: Record<string, number> | null;
  adamw: Record<string, number> | null;
  weights: Record<string, number> | null;
  cells: number | null;
  transform: { resize: number | null; crop: number | null };
  /** Where the first weights come from; `file` is an external one. */
  from: { S: string | null; T: string | null };
}

/** What the settings of one dataset share. */
interface Experiment {
  task: string;
  /** The stage that brings the dataset. */
  dataset: string;
  network: string;
  epochs: number;
  batch: number;
  seed: number;
  linear: number;
  /** SR4IR: until its second cycle begins, and the length of that one. */
  restart: [number, number];
  tdpWarmUp: number;
  task_lr: number;
  task_decay: number;
  cells: number;
  transform: { resize: number | null; crop: number | null };
}

const EXPERIMENTS: Record<string, Experiment> = {
  det: {
    task: "detection",
    dataset: "dataset_voc2012",
    network: "detection/faster_rcnn",
    epochs: 30,
    batch: 16,
    seed: 100,
    linear: 1,
    restart: [2, 27],
    tdpWarmUp: 3,
    task_lr: 2e-2,
    task_decay: 1e-4,
    cells: 8,
    transform: { resize: null, crop: null },
  },
  seg: {
    task: "segmentation",
    dataset: "dataset_voc2012_segmentation",
    network: "segmentation/deeplab_v3",
    epochs: 100,
    batch: 16,
    seed: 200,
    linear: 0,
    restart: [10, 90],
    tdpWarmUp: 10,
    task_lr: 2e-2,
    task_decay: 1e-6,
    cells: 8,
    transform: { resize: 520, crop: 480 },
  },
  cars: classification("dataset_cars"),
  cub200: classification("dataset_cub200"),
};

function classification(dataset: string): Experiment {
  return {
    task: "classification",
    dataset,
    network: "classification/resnet",
    epochs: 200,
    batch: 128,
    seed: 200,
    linear: 0,
    restart: [20, 180],
    tdpWarmUp: 20,
    task_lr: 3e-2,
    task_decay: 1e-4,
    cells: 4,
    transform: { resize: 256, crop: 224 },
  };
}

const LAST_DIGIT = ["sr", "s2t", "t2s", "swt", "sr4ir"] as const;

/** The published options by number, 00 … 44. */
function published(number: string, experiment: Experiment): Configuration {
  const [first, last] = [...number].map(Number);
  const withS = first > 0;
  const setting = withS ? LAST_DIGIT[last] : last === 0 ? "h2t" : "l2t";
  const scale = withS ? [4, 8, 4, 8][first - 1] : [null, 4, 8][last];
  const sr = withS ? (first <= 2 ? "edsr" : "swinir") : null;
  const movesS = withS && setting !== "s2t";
  const movesT = setting !== "sr" && setting !== "t2s";
  const { task, dataset, network, epochs, batch, seed, linear } = experiment;
  return {
    setting,
    task,
    scale,
    sr,
    network: setting === "sr" ? null : network,
    dataset,
    epochs,
    batch,
    seed,
    linear,
    // Detection's baselines declare a cosine as long as the training, behind the linear epoch.
    periods: setting === "sr4ir" ? experiment.restart : [epochs],
    tdpWarmUp: setting === "sr4ir" ? experiment.tdpWarmUp : null,
    sgd: movesT
      ? {
        lr: experiment.task_lr,
        eta_min: 1e-4,
        momentum: 0.9,
        weight_decay: experiment.task_decay,
      }
      : null,
    adamw: movesS ? { lr: 1e-4, eta_min: 1e-6, weight_decay: 0 } : null,
    weights: setting === "sr"
      ? null
      : { pixel: 1, task: 1, tdp: 1, sr: 0.34, hr: 0.34, cqmix: 0.34 },
    cells: setting === "sr4ir" ? experiment.cells : null,
    transform: experiment.transform,
    from: {
      S: !withS ? null : setting === "s2t" ? `sr/${scale}/${sr}` : "file",
      T: setting === "sr" ? null : setting === "t2s" ? "h2t" : "file",
    },
  };
}

/** 23 numbers a dataset. */
const NUMBERS = ["00", "01", "02"].concat(
  ["1", "2", "3", "4"].flatMap((first) => ["0", "1", "2", "3", "4"].map((last) => first + last)),
);

const pipeline = await loadPipeline({
  file: join(ROOT, "pipelines/paper.yaml"),
  root: ROOT,
  sets: Object.keys(EXPERIMENTS).flatMap((name) => [
    // Any files will do: they are only looked at.
    `${name}.weights.task=deno.json`,
    `${name}.weights.sr={edsr: {4: deno.json, 8: deno.json}, swinir: {4: deno.json, 8: deno.json}}`,
  ]),
});
const byId = new Map(
  pipeline.stages.flatMap((stage) => [stage.id, ...stage.aliases].map((id) => [id, stage])),
);

for (const [name, experiment] of Object.entries(EXPERIMENTS)) {
  for (const number of NUMBERS) {
    const wanted = published(number, experiment);
    Deno.test(`${name} ${number}: ${label(wanted)} is what was published`, () => {
      assert.deepEqual(found(name, wanted), wanted);
    });
  }
}

Deno.test("the paper has 92 trainings, each evaluated, and what they share exists once", () => {
  const counts: Record<string, number> = {};
  for (const { uses } of pipeline.stages) counts[uses] = (counts[uses] ?? 0) + 1;
  assert.deepEqual(counts, {
    fetch_archive: 1, // VOC, for detection and segmentation
    dataset_voc2012: 1,
    dataset_voc2012_segmentation: 1,
    dataset_cars: 1,
    dataset_cub200: 1,
    import_weights: 7, // four of S, three of T
    train_sr: 16,
    train: 76,
    evaluate: 76,
    compare: 4,
  });
  assert.equal(counts.train_sr + counts.train, 92);
});

Deno.test("evaluations show what the original's show, as many images at once", () => {
  const batches = { det: 1, seg: 1, cars: 32, cub200: 32 };
  for (const { id, uses, params } of pipeline.stages) {
    if (uses !== "evaluate") continue;
    const [name] = id.split("/");
    const { transform } = EXPERIMENTS[name];
    const { batch_size, psnr } = params;
    assert.deepEqual(
      { batch_size, transform: params.transform, psnr },
      {
        batch_size: batches[name as keyof typeof batches],
        transform,
        psnr: { border: 8, padding: true },
      },
      id,
    );
  }
});

Deno.test("the learning rate of SR4IR's detector is the published one, iteration by iteration", () => {
  const { params } = stageOf("det/sr4ir/4/edsr");
  const rate = rateSchedule({ base: 0.02, etaMin: 1e-4 }, SETTING.sr4ir.restarts, {
    epochs: Number(params.epochs),
    lrWarmUp: Number(params.lr_warm_up_epochs),
    tdpWarmUp: Number(params.tdp_warm_up_epochs),
    period: null,
    iterationsPerEpoch: 10,
  });
  const expected = { 0: 0.002, 9: 0.0182, 10: 0.02, 15: 0.017086, 29: 0.000223, 30: 0.0001 };
  for (const [iteration, value] of Object.entries(expected)) {
    assert.equal(rate(Number(iteration)).toFixed(6), value.toFixed(6));
  }
});

function label({ setting, scale, sr }: Configuration): string {
  return [setting, scale && `x${scale}`, sr].filter(Boolean).join(" ");
}

function stageOf(id: string): StageInstance {
  const stage = byId.get(id);
  assert.ok(stage !== undefined, `there is no stage ${id}`);
  return stage;
}

/** The same of the pipeline's stage. */
function found(name: string, { setting, scale, sr }: Configuration): Configuration {
  const id = [`${name}/${setting}`, scale, sr].filter((part) => part !== null).join("/");
  const { uses, params, inputs } = stageOf(id);
  // deno-lint-ignore no-explicit-any
  const p: any = params;
  const short = (input: string) => {
    if (inputs[input] === undefined) return null;
    const [{ id }] = inputs[input];
    return stageOf(id).uses === "import_weights" ? "file" : id.replace(`${name}/`, "");
  };
  const common = {
    epochs: p.epochs,
    batch: p.batch_size,
    seed: p.seed,
    linear: p.lr_warm_up_epochs ?? p.lr_warm_up_iterations,
  };
  if (uses === "train_sr") {
    assert.equal(p.last_batch, name === "det" ? "drop" : "keep");
    assert.equal(p.flip, 0.5);
    return {
      ...common,
      setting: "sr",
      task: EXPERIMENTS[name].task,
      scale: p.scale,
      sr: p.network,
      network: null,
      dataset: stageOf(inputs.images[0].id).uses,
      periods: [p.period_epochs ?? p.epochs - common.linear],
      tdpWarmUp: null,
      sgd: null,
      adamw: p.optimizer,
      weights: null,
      cells: null,
      transform: { resize: p.resize, crop: p.crop },
      from: { S: short("start"), T: null },
    };
  }
  const { moves } = SETTING[p.setting as SettingName];
  return {
    ...common,
    setting: p.setting,
    task: p.task,
    scale: p.setting === "h2t" ? null : p.scale,
    sr: p.sr_network ?? null,
    network: p.network,
    dataset: stageOf(inputs.data[0].id).uses,
    periods: p.setting === "sr4ir"
      ? [p.tdp_warm_up_epochs - common.linear, p.epochs - p.tdp_warm_up_epochs]
      : [p.period_epochs ?? p.epochs - common.linear],
    tdpWarmUp: p.setting === "sr4ir" ? p.tdp_warm_up_epochs : null,
    sgd: moves.T ? p.task_optimizer : null,
    adamw: moves.S ? p.sr_optimizer : null,
    weights: p.weights,
    cells: p.setting === "sr4ir" ? p.cqmix_cells : null,
    transform: p.transform,
    from: { S: short("sr"), T: short("task") },
  };
}
