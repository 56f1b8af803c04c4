/**
 * `deno task adapt RUN_OR_WEIGHTS FOLDER`: an S for a task network that is there, without labels.
 *
 * A thin front: `pipelines/adapt_sr.yaml` does the work, so that sandbox, cache and log are the
 * runner's.
 *
 * @module
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { print, storeFolder, type Surroundings } from "../runner/commands/options.ts";
import { UserError } from "../runner/diagnostic.ts";
import { followIfThere } from "../runner/store/files.ts";
import {
  type FrontOptions,
  frontOptions,
  runFront,
  runPipeline,
  start as startProgram,
  whole,
} from "./shared/front.ts";
import { surroundings } from "./shared/surroundings.ts";
import { findTrained, type Trained, type TrainedNetwork } from "./shared/trained.ts";

const PIPELINE = "pipelines/adapt_sr.yaml";

const HELP = `
Networks are named as a run has them:
  last:h2t.model                       of a stage of the last run; deno task runs lists runs
  pipelines/det_coco.yaml              the SR4IR model of what is stored of a pipeline
  FOLDER                               with a model.json
  T.pth --network segmentation/deeplab_v3
                                       a file of weights, also .safetensors, with its network

PICTURES is a folder of photos as the task network knows them, of full resolution, without labels; a
fifth is held out to measure on. S starts from --sr, or from the S of the model if it has one, or is
trained on the same pictures first. The task network stays as it is.

It ends with a table and a page: how far the task network says of enlarged pictures what it says of
the originals, with S before, trained further by pixels alone, and by what the task network sees.

Examples:
  deno task adapt last:h2t.model photos
  deno task adapt T.pth photos --network classification/resnet_light --classes cat,dog --side 64
  deno task adapt last:h2t.model photos --sr EDSR_x4.pth --sr-network edsr
  deno task adapt last:h2t.model photos --set adapt.tdp=1 --set adapt.epochs=40
  deno task predict last:adapt.model photo.jpg           then show it a photo
`;

interface Options extends FrontOptions {
  network?: string;
  classes?: string[];
  sr?: string;
  srNetwork?: string;
  scale?: number;
  side?: number;
  maxSide?: number;
  seed?: number;
  set?: string[];
}

/** Runs the program. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const program = frontOptions(
    new Command("deno task adapt")
      .description("Trains a super-resolution network for a task network, without labels")
      .argument("<trained>", "the task network: a run, a pipeline, a folder or a file of weights")
      .argument("<pictures>", "a folder of pictures")
      .option("--network <name>", "for a file of weights: a file below models")
      .option("--classes <names>", "for a file of weights: a,b,… with the background", listOf)
      .option("--sr <trained>", "the S to start from: named like the task network")
      .option("--sr-network <name>", "for a file of S's weights: a file of models/sr, such as edsr")
      .option("--scale <factor>", "up-scaling factor: 2, 4 or 8", whole(1))
      .option("--side <pixels>", "side of the windows that S learns from (default 96)", whole(1))
      .option("--max-side <pixels>", "shrink pictures with a longer side first", whole(1))
      .option("--seed <number>", "of all that is random (default 1)", whole(1))
      .option(
        "--set <name=value>",
        `a param of ${PIPELINE}, as often as you like`,
        (text, all: string[] = []) => [...all, text],
      ),
    HELP,
  );
  return await runFront(program, args, () => {
    const [trained, pictures] = program.args;
    return adapt(trained, pictures, program.opts<Options>());
  });
}

async function adapt(name: string, pictures: string, options: Options): Promise<number> {
  const place = surroundings();
  const store = storeFolder(place.root, options.store);
  const folder = folderOf(pictures);
  const { set: _, ...wanted } = options; // params of this pipeline, not of one that is named
  const trained = await findTrained(name, { ...wanted, store }, place);
  if (trained.task === undefined) {
    throw new UserError({
      message: `${name} has no task network, only a super-resolution network`,
      notes: ["name the task network first, and S by --sr"],
    });
  }
  const start = await startOf(trained, options, store, place);
  const scale = options.scale ?? start?.scale ?? trained.scale;
  if (start !== undefined && start.scale !== scale) {
    throw new UserError({
      message: `the S of ${start.name} enlarges by ${start.scale}, not by ${scale}`,
      notes: ["leave --scale out, or name another S by --sr"],
    });
  }
  const { exitCode } = await runPipeline(
    PIPELINE,
    params({ ...trained, task: trained.task, scale }, start?.sr, folder, options),
    options,
    place,
    "shown",
  );
  if (exitCode === 0 && !options.json) {
    print("\nThe new S, with the task network: deno task predict last:adapt.model photo.jpg\n");
  }
  return exitCode;
}

/** What S starts from; undefined: it is trained first. */
async function startOf(
  trained: Trained,
  { sr: name, srNetwork, scale, backend }: Options,
  store: string,
  place: Surroundings,
): Promise<Trained | undefined> {
  if (name === undefined && srNetwork !== undefined) {
    throw new UserError({
      message: "--sr-network says which network the file of --sr is for, but there is no --sr",
      notes: [`to train another S first: --set sr.weights=null --set sr.network=${srNetwork}`],
    });
  }
  if (name === undefined) return trained.sr && trained;
  const network = srNetwork === undefined
    ? {}
    : { network: `sr/${srNetwork.replace(/^sr\//, "")}` };
  const start = await findTrained(
    name,
    { ...network, ...scale === undefined ? {} : { scale }, store, backend },
    place,
  ).catch((error) => {
    if (!(error instanceof UserError) || srNetwork !== undefined) throw error;
    const [first, ...rest] = error.diagnostics;
    // The first network's own option would not help here.
    const notes = first.notes?.map((note) =>
      note.startsWith("add --network") ? "add --sr-network, such as --sr-network edsr" : note
    );
    throw new UserError([{ ...first, ...notes && { notes } }, ...rest]);
  });
  if (start.sr !== undefined) return start;
  throw new UserError({
    message: `${name} has no super-resolution network to start from`,
    notes: ["leave --sr out to train one on the same pictures first"],
  });
}

/** What the pipeline is told, as `--set` takes it. */
function params(
  { scale, classes, task, degradation, transform }: Trained & Required<Pick<Trained, "task">>,
  sr: TrainedNetwork | undefined,
  folder: string,
  options: Options,
): Record<string, unknown> {
  const { seed, side, maxSide } = options;
  return {
    "data.path": folder,
    scale,
    "task.kind": task.kind,
    "task.network": task.network,
    "task.options": task.options,
    "task.weights": task.file,
    "task.classes": options.classes ?? classes,
    ...sr && {
      "sr.weights": sr.file,
      "sr.network": sr.network.replace(/^sr\//, ""),
      "sr.options": sr.options,
    },
    ...degradation && { degradation },
    ...transform && { "data.resize": transform.resize, "data.crop": transform.crop },
    ...side && { "data.side": side },
    ...maxSide && { "data.max_side": maxSide },
    ...seed && { seed },
  };
}

/** Absolute. */
function folderOf(pictures: string): string {
  const path = resolve(pictures);
  const info = followIfThere(path);
  if (info?.isDirectory) return path;
  throw new UserError({
    message: info === undefined
      ? `there is no folder ${pictures}`
      : `${pictures} is a file; expected a folder of pictures`,
  });
}

function listOf(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

if (import.meta.main) await startProgram(main);
