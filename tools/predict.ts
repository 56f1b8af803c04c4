/**
 * `deno task predict RUN_OR_WEIGHTS photo.jpg …`: photos through trained networks.
 *
 * A thin front: `pipelines/predict.yaml` does the work, so that sandbox, cache and log are the runner's.
 *
 * @module
 */
import { resolve } from "node:path";
import { Command } from "commander";
import { print, storeFolder } from "../runner/commands/options.ts";
import { UserError } from "../runner/diagnostic.ts";
import { copyResults } from "./shared/copy_results.ts";
import { findPhotos } from "./shared/find_photos.ts";
import {
  type FrontOptions,
  frontOptions,
  runFront,
  runPipeline,
  shortest,
  start,
  whole,
} from "./shared/front.ts";
import { surroundings } from "./shared/surroundings.ts";
import { findTrained, type Trained } from "./shared/trained.ts";

const PIPELINE = "pipelines/predict.yaml";

const HELP = `
Networks are named as a run has them:
  last                             the last SR4IR model that was trained; or a run's id, see deno task runs
  pipelines/det_coco.yaml          of what is stored of a pipeline
  last:swt/4/edsr_light.model      one stage of it
  FOLDER                           with a model.json
  S.safetensors --network sr/edsr  a file of weights, also .pth, with the network it is for

For each photo, OUT gets
  NAME_bicubic.png  NAME_sr.png    enlarged without and with the network
  NAME_found.png    NAME.json      boxes, or colours of classes with a legend, or bars of classes
and an index.html that shows all of it. A photo is the low-resolution input as it is. Large ones are
worked through in overlapping tiles. The same photos again take no time.

Examples:
  deno task predict last photo.jpg
  deno task predict pipelines/seg_voc.yaml holiday/ --out holiday_sr
  deno task predict last photo.png --degrade             shrink it first and compare
  deno task predict EDSR_x2.pth photo.jpg --network sr/edsr --scale 2
`;

interface Options extends FrontOptions {
  out: string;
  degrade?: boolean;
  network?: string;
  scale?: number;
  tile?: number;
  overlap?: number;
  taskSide?: number;
  maxSide?: number;
}

/** Runs the program. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const program = frontOptions(
    new Command("deno task predict")
      .description("Enlarges photos by a trained network, and says what another finds in them")
      .argument("<trained>", "a run, a pipeline, a folder or a file of weights")
      .argument("<photos...>", "picture files, or folders of them")
      .option("--out <folder>", "where results go", "predictions")
      .option("--degrade", "photos are originals: make low-resolution ones first, and compare")
      .option("--network <name>", "for a file of weights: a file below models, such as sr/edsr")
      .option("--scale <factor>", "for a file of weights: its up-scaling factor", whole(1))
      .option("--tile <pixels>", "side of the tiles of large photos (default 256)", whole(1))
      .option(
        "--overlap <pixels>",
        "what tiles share (default: as far as the network reaches)",
        whole(0),
      )
      .option("--max-side <pixels>", "shrink photos with a longer side first", whole(1))
      .option(
        "--task-side <pixels>",
        "longer side of what the task network sees, at most",
        whole(1),
      ),
    HELP,
  );
  return await runFront(program, args, () => {
    const [trained, ...photos] = program.args;
    return predict(trained, photos, program.opts<Options>());
  });
}

async function predict(name: string, paths: string[], options: Options): Promise<number> {
  const place = surroundings();
  const store = storeFolder(place.root, options.store);
  const photos = findPhotos(paths);
  const trained = await findTrained(name, { ...options, store }, place);
  if (trained.task !== undefined && trained.classes.length === 0) {
    throw new UserError({
      message: `${name} does not say which classes ${trained.task.network} knows`,
      notes: ["give the folder that its training has made: it has a model.json"],
    });
  }
  const { exitCode, result } = await runPipeline(
    PIPELINE,
    params(trained, photos, options),
    options,
    place,
    "withheld",
  );
  const tree = result.stages.find(({ id }) => id === "predict")?.outputs?.predictions;
  if (exitCode !== 0 || tree === undefined) return exitCode === 0 ? 1 : exitCode;

  const { Store } = await import("../runner/store/store.ts");
  using opened = Store.open(store);
  const files = copyResults(await opened.materialise(tree), resolve(options.out));
  const shown = files.map((file) => shortest(file));
  print(options.json ? JSON.stringify({ files: shown }, null, 2) + "\n" : shown.join("\n") + "\n");
  return 0;
}

/** What the pipeline is told, as `--set` takes it. */
function params(
  { scale, classes, sr, task, setting, degradation, transform }: Trained,
  photos: { path: string; name: string }[],
  options: Options,
): Record<string, unknown> {
  return {
    photos: photos.map(({ path }) => path),
    names: photos.map(({ name }) => name),
    scale,
    ...sr && {
      sr: { weights: sr.file, network: sr.network.replace(/^sr\//, ""), options: sr.options },
    },
    ...task && {
      task: {
        kind: task.kind,
        weights: task.file,
        network: task.network,
        options: task.options,
        classes,
      },
    },
    without_sr: setting === "l2t" ? "bilinear" : "none",
    ...options.degrade && { degrade: true },
    ...degradation && { degradation },
    ...transform && { transform },
    ...options.tile && { tile: options.tile },
    ...options.overlap !== undefined && { overlap: options.overlap },
    ...options.taskSide && { task_side: options.taskSide },
    ...options.maxSide && { max_side: options.maxSide },
  };
}

if (import.meta.main) await start(main);
