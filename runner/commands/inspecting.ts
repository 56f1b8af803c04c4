/**
 * The part of the command line that looks at stages: what they touch, what they have reported, and
 * what they are doing now.
 *
 * @module
 */
import type { Command } from "commander";
import { UserError } from "../diagnostic.ts";
import type { LogOptions } from "./log.ts";
import type { PlanOptions, Surroundings } from "./options.ts";
import type { StatusOptions } from "./status.ts";

/** What the commands are declared with. */
export interface DeclaringInspecting {
  /** Adds the options that say which stages of a pipeline are meant. */
  planOptions: (command: Command) => Command;
  /** The same without a remote cache. */
  pipelineOptions: (command: Command) => Command;
  setExitCode: (code: number) => void;
  surroundings: () => Surroundings;
}

/** Adds the commands to the program. */
export function declareInspecting(
  program: Command,
  { planOptions, pipelineOptions, setExitCode, surroundings }: DeclaringInspecting,
): void {
  planOptions(withFile(program.command("audit")))
    .argument("[stage]", "a stage; what it needs must be stored")
    .description("Run a stage with wide permissions: what does it touch and not declare?")
    .addHelpText("after", AUDIT_HELP)
    .action(async (file: string | undefined, stage: string | undefined, options: PlanOptions) => {
      if (file === undefined || stage === undefined) ask("audit FILE STAGE");
      const { auditCommand } = await import("./audit.ts");
      setExitCode(await auditCommand(file, stage, options, surroundings()));
    });

  pipelineOptions(program.command("log"))
    .argument("[source]", "a pipeline file, or a run such as last")
    .argument("[stage]", "a stage, as --only takes it")
    .description("Show what a stage has printed, then its metrics and tables")
    .option("-f, --follow", "while it is at work, go on until it ends")
    .addHelpText("after", LOG_HELP)
    .action(async (source: string | undefined, stage: string | undefined, options: LogOptions) => {
      if (source === undefined || stage === undefined) ask("log FILE|RUN STAGE");
      const { logCommand } = await import("./log.ts");
      setExitCode(await logCommand(source, stage, options, surroundings()));
    });

  program.command("status")
    .description("Show what is running on the store now, from any terminal that sees it")
    .option("--store <folder>", "where results are kept (default: $SR4IR_STORE or .store)")
    .option("-w, --watch", "show it every second, until nothing runs any more")
    .option("--json", "print one JSON document; with --watch one in a line, each time")
    .addHelpText("after", STATUS_HELP)
    .action(async (options: StatusOptions) => {
      const { statusCommand } = await import("./status.ts");
      setExitCode(await statusCommand(options, surroundings()));
    });

  planOptions(program.command("tensorboard"))
    .argument("[source]", "a pipeline file, or a past run such as last")
    .argument("[folder]", "where to")
    .description("Write the curves and metrics of stored stages as event files of TensorBoard")
    .addHelpText("after", TENSORBOARD_HELP)
    .action(
      async (source: string | undefined, folder: string | undefined, options: PlanOptions) => {
        if (source === undefined || folder === undefined) ask("tensorboard FILE|RUN FOLDER");
        const { tensorboardCommand } = await import("./tensorboard.ts");
        setExitCode(await tensorboardCommand(source, folder, options, surroundings()));
      },
    );
}

function withFile(command: Command): Command {
  return command.argument("[file]", "pipeline file, e.g. pipelines/det_coco.yaml");
}

function ask(command: string): never {
  throw new UserError({
    message: "something is missing in the command",
    notes: [`expected: deno task ${command}`],
  });
}

const AUDIT_HELP = `
Examples:
  deno task audit pipelines/det_coco.yaml embedded

Nothing is stored. Exit codes: 0 declares all it touches, 1 does not, 2 a mistake, 130 interrupted.`;

const LOG_HELP = `
Examples:
  deno task log last sr
  deno task log last~1 train/h2t --json
  deno task log pipelines/det_coco.yaml sr --set seed=2
  deno task log last sr4ir --follow

Here \`last\` is the run that began last, whether it has ended or not. A stage that failed or was
interrupted has a log, too. Of the options below --json prints lines of JSON; --profile, --set and
those that choose stages are for pipeline files.`;

const STATUS_HELP = `
Examples:
  deno task status
  deno task status --watch
  deno task status --json --store /mnt/shared/store`;

const TENSORBOARD_HELP = `
Examples:
  deno task tensorboard pipelines/det_coco.yaml runs/det
  deno task tensorboard pipelines/det_coco.yaml runs/det --until sr4ir
  deno task tensorboard last~1 runs/before`;
