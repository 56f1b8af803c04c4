/**
 * `deno task convert RUN_OR_WEIGHTS OUT`: a trained network as a file for other programs.
 *
 * A thin front: `pipelines/export.yaml` does the work, so that sandbox, cache and log are the runner's.
 *
 * @module
 */
import { dirname, extname, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { print, storeFolder } from "../runner/commands/options.ts";
import { UserError } from "../runner/diagnostic.ts";
import { followIfThere } from "../runner/store/files.ts";
import {
  type FrontOptions,
  frontOptions,
  runFront,
  runPipeline,
  start,
  whole,
} from "./shared/front.ts";
import { surroundings } from "./shared/surroundings.ts";
import { findTrained, type Trained, type TrainedNetwork } from "./shared/trained.ts";

const PIPELINE = "pipelines/export.yaml";

/** Formats by the ends of names. */
const FORMATS: Record<string, string> = {
  ".onnx": "onnx",
  ".pth": "pth",
  ".pt": "pth",
  ".safetensors": "safetensors",
};

const HELP = `
Networks are named as a run has them:
  last                             the SR4IR model of the last run; deno task runs lists runs
  pipelines/det_coco.yaml          of what is stored of a pipeline
  last:swt/4/edsr_light.model      one stage of it
  FOLDER                           with a model.json
  S.safetensors --network sr/edsr  a file of weights, also .pth, with the network it is for

What is written is said by the end of OUT:
  .onnx         a graph in opset 18, pictures as [batch, 3, height, width], RGB in [0, 1]
  .pth          a state_dict for PyTorch: load_state_dict(torch.load(OUT, weights_only=True))
  .safetensors  the same tensors, all of float32

An ONNX model takes pictures of any size where the network computes the same at all of them (EDSR,
ResNet, DeepLabV3); for others --size says which. Of a detector it gives the maps and what the
proposal network says of them; of a classifier and a segmenter the logits and the maps.

Examples:
  deno task convert last sr.onnx
  deno task convert last:sr4ir/4/edsr_light.model detector.onnx --part task --size 96x96
  deno task convert pipelines/seg_voc.yaml segmenter.pth --part task
  deno task convert EDSR_x2.pth edsr.onnx --network sr/edsr --scale 2
`;

interface Options extends FrontOptions {
  part?: "sr" | "task";
  size: [number, number];
  network?: string;
  scale?: number;
  option?: Record<string, unknown>;
  force?: boolean;
}

/** Runs the program. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const program = frontOptions(
    new Command("deno task convert")
      .description("Writes a trained network as a file for other programs")
      .argument("<trained>", "a run, a pipeline, a folder or a file of weights")
      .argument("<out>", "the file to write: .onnx, .pth or .safetensors")
      .addOption(
        new Option("--part <part>", "which network (default: sr if there is one)")
          .choices(["sr", "task"]),
      )
      .addOption(
        new Option("--size <size>", "of pictures where it cannot vary, height x width in pixels")
          .argParser(sizeOf).default([64, 64], "64x64"),
      )
      .option("--network <name>", "for a file of weights: a file below models, such as sr/edsr")
      .option("--scale <factor>", "for a file of weights: its up-scaling factor", whole(1))
      .option(
        "--option <name=value>",
        "for a file of weights: an option of its network, such as num_classes=9",
        addOption,
      )
      .option("--force", "write over OUT if it is there"),
    HELP,
  );
  return await runFront(program, args, () => {
    const [trained, out] = program.args;
    return convert(trained, out, program.opts<Options>());
  });
}

async function convert(name: string, out: string, options: Options): Promise<number> {
  const { force, ...wanted } = options;
  const format = formatOf(out);
  const target = checkTarget(out, force ?? false);
  const place = surroundings();
  const store = storeFolder(place.root, options.store);
  const trained = await findTrained(name, { ...wanted, store }, place);
  const { part, network } = choosePart(trained, options.part);
  const { exitCode, result } = await runPipeline(
    PIPELINE,
    params(trained, part, network, format, options),
    options,
    place,
    "withheld",
  );
  const tree = result.stages.find(({ id }) => id === "export")?.outputs?.exported;
  if (exitCode !== 0 || tree === undefined) return exitCode === 0 ? 1 : exitCode;

  const { Store } = await import("../runner/store/store.ts");
  using opened = Store.open(store);
  const folder = await opened.materialise(tree);
  if (force && followIfThere(target) !== undefined) Deno.removeSync(target);
  Deno.copyFileSync(`${folder}/network.${format}`, target);
  Deno.chmodSync(target, 0o644); // stored files are read-only
  const about = JSON.parse(Deno.readTextFileSync(`${folder}/network.json`));
  print(
    options.json
      ? JSON.stringify({ file: out, part, ...about }, null, 2) + "\n"
      : [`${out}: ${network.network}`, ...about.notes].join("\n  ") + "\n",
  );
  return 0;
}

function formatOf(out: string): string {
  const format = FORMATS[extname(out)];
  if (format !== undefined) return format;
  throw new UserError({
    message: `Cannot tell what ${out} is to be`,
    notes: [`expected a name that ends in ${Object.keys(FORMATS).join(", ")}`],
  });
}

/** Finds out before any work whether the file can be written. @returns its absolute path */
function checkTarget(out: string, force: boolean): string {
  const path = resolve(out);
  const info = followIfThere(path);
  if (info?.isDirectory) throw new UserError({ message: `${out} is a folder; expected a file` });
  if (info !== undefined && !force) {
    throw new UserError({
      message: `${out} is there already`,
      notes: ["name another file, or add --force to write over it"],
    });
  }
  if (!followIfThere(dirname(path))?.isDirectory) {
    throw new UserError({ message: `Cannot write ${out}: there is no folder ${dirname(out)}` });
  }
  return path;
}

function choosePart(
  { name, sr, task }: Trained,
  wanted: Options["part"],
): { part: "sr" | "task"; network: TrainedNetwork } {
  const part = wanted ?? (sr === undefined ? "task" : "sr");
  const network = part === "sr" ? sr : task;
  if (network !== undefined) return { part, network };
  const other = part === "sr" ? "task" : "sr";
  throw new UserError({
    message: part === "sr"
      ? `${name} has no super-resolution network`
      : `${name} has no task network`,
    notes: [`its other one is had by --part ${other}`],
  });
}

/** What the pipeline is told, as `--set` takes it. */
function params(
  { classes }: Trained,
  part: "sr" | "task",
  network: TrainedNetwork,
  format: string,
  { size, option }: Options,
): Record<string, unknown> {
  const known = part === "task" && classes.length > 0;
  return {
    weights: network.file,
    network: network.network,
    options: { ...network.options, ...known && { num_classes: classes.length }, ...option },
    format,
    ...format === "onnx" && { size },
    ...known && { classes },
  };
}

function sizeOf(text: string): [number, number] {
  const match = /^([1-9]\d*)x([1-9]\d*)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("expected HEIGHTxWIDTH, such as 64x96");
  return [Number(match[1]), Number(match[2])];
}

function addOption(text: string, previous: Record<string, unknown> = {}): Record<string, unknown> {
  const [name, ...rest] = text.split("=");
  if (name === "" || rest.length === 0) {
    throw new InvalidArgumentError("expected NAME=VALUE, such as num_classes=9");
  }
  return { ...previous, [name]: valueOf(rest.join("=")) };
}

/** JSON, or else the text itself. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

if (import.meta.main) await start(main);
