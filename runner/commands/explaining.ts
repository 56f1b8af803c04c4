/**
 * The part of the command line that explains: past runs, differences, provenance, graphs.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../diagnostic.ts";
import type { ExportOptions } from "./export_provenance.ts";
import type { GraphOptions } from "./graph.ts";
import type { LintOptions } from "./lint.ts";
import type { StoreOption } from "./look.ts";
import type { MetricsOptions } from "./metrics.ts";
import type { PlanOptions, Surroundings } from "./options.ts";
import type { ReproduceOptions } from "./reproduce.ts";
import type { RunsOptions } from "./runs.ts";
import type { ShowOptions } from "./show.ts";

/** What the commands are declared with. */
export interface Declaring {
  /** Adds the options that say which pipeline of a file is meant. */
  pipelineOptions: (command: Command) => Command;
  setExitCode: (code: number) => void;
  surroundings: () => Surroundings;
}

/** What `graph` prints. */
const FORMATS: GraphOptions["format"][] = ["text", "dot", "svg"];

/** Forms of provenance that other programs read. */
const EXPORT_FORMATS = ["ro-crate", "prov"];

/** So many runs `runs` lists by itself. */
const LISTED = 20;

/** Adds the commands to the program. */
export function declareExplaining(
  program: Command,
  { pipelineOptions, setExitCode, surroundings }: Declaring,
): void {
  pipelineOptions(program.command("explain"))
    .description("Say what differs between a stage and its nearest earlier result")
    .argument("<file>", "pipeline file, e.g. pipelines/det_coco.yaml")
    .argument("<stage>", "id of a stage, or what is the beginning of several")
    .addHelpText("after", EXPLAIN_HELP)
    .action(async (file: string, stage: string, options: PlanOptions) => {
      const { explainCommand } = await import("./explain.ts");
      setExitCode(await explainCommand(file, stage, options, surroundings()));
    });

  exportOptions(pipelineOptions(program.command("show")))
    .description("Say where a stored folder comes from: stages, params, code, data, machines")
    .argument(
      "<artifact>",
      "RUN:STAGE.OUTPUT, FILE:STAGE.OUTPUT, a path in the store, a digest, or a tag",
    )
    .option("--code", "list every module with its digest")
    .addHelpText("after", SHOW_HELP)
    .action(async (artifact: string, options: ShowOptions) => {
      const { showCommand } = await import("./show.ts");
      setExitCode(await showCommand(artifact, options, surroundings()));
    });

  pipelineOptions(program.command("graph"))
    .description("Draw the stages of a pipeline: what is stored, what would run")
    .argument("<file>", "pipeline file, e.g. pipelines/det_coco.yaml")
    .addOption(
      new Option("--format <name>", "how to print it").choices(FORMATS).default("text"),
    )
    .addHelpText("after", GRAPH_HELP)
    .action(async (file: string, options: GraphOptions) => {
      const { graphCommand } = await import("./graph.ts");
      setExitCode(await graphCommand(file, options, surroundings()));
    });

  program.command("lint")
    .description("Check pipeline files, with all their profiles, without planning anything")
    .argument("<file...>", "pipeline files")
    .option("-p, --profile <name>", "check with this profile only")
    .option("-s, --set <param=value>", "change a param; may be repeated", append)
    .option("--json", "print one JSON document")
    .addHelpText("after", LINT_HELP)
    .action(async (files: string[], options: LintOptions) => {
      const { lintCommand } = await import("./lint.ts");
      setExitCode(await lintCommand(files, options, surroundings()));
    });

  exportOptions(storeOptions(program.command("runs")))
    .description("List past runs, newest first; or show one: its command, stages, memory, failures")
    .argument("[run]", "last, last~1, an id of the list or its beginning")
    .option("-n, --number <n>", "how many at most", wholeNumber, LISTED)
    .addHelpText("after", RUNS_HELP)
    .action(async (run: string | undefined, options: RunsOptions & ExportOptions) => {
      if (run === undefined) {
        if (options.format !== undefined) {
          throw new UserError({
            message: "which run? --format and --out tell of one",
            notes: ["deno task runs last --format ro-crate"],
          });
        }
        const { runsCommand } = await import("./runs.ts");
        return setExitCode(runsCommand(options, surroundings()));
      }
      const { showRunCommand } = await import("./show_run.ts");
      setExitCode(await showRunCommand(run, options, surroundings()));
    });

  storeOptions(program.command("reproduce"))
    .description("Can the results of a past run still be had? Run the same once more, and compare")
    .argument("<run>", "last, last~1, an id of `deno task runs` or its beginning")
    .option("--check", "only say what is different now, and what is stored; run nothing")
    .option("--anyway", "run what is there now, though it is not what it was")
    .option("--again", "execute every stage anew, beside the store, and compare what it makes")
    .addOption(
      new Option("--stage <stage>", "execute only this one anew, on stored inputs; may be repeated")
        .argParser(append).implies({ again: true }),
    )
    .option("-j, --jobs <n>", "processors to use (default: all)", wholeNumber)
    .addHelpText("after", REPRODUCE_HELP)
    .action(async (run: string, options: ReproduceOptions) => {
      const { reproduceCommand } = await import("./reproduce.ts");
      setExitCode(await reproduceCommand(run, options, surroundings()));
    });

  storeOptions(program.command("diff"))
    .description("Say what differs between two runs: params, code, packages, metrics")
    .argument("<run>", "last, last~1, a tag, an id of `deno task runs` or its beginning")
    .argument("<run>", "the run to compare it with")
    .addHelpText("after", DIFF_HELP)
    .action(async (before: string, now: string, options: StoreOption) => {
      const { diffCommand } = await import("./diff.ts");
      setExitCode(diffCommand(before, now, options, surroundings()));
    });

  storeOptions(program.command("metrics"))
    .description("Put runs side by side: params that differ, metrics, means over seeds")
    .argument("<file-or-run...>", "pipeline files, for all their runs, and runs as for `diff`")
    .option("-m, --metric <name>", "show this metric; may be repeated", append)
    .addOption(new Option("--csv", "print comma-separated values").conflicts("json"))
    .addHelpText("after", METRICS_HELP)
    .action(async (names: string[], options: MetricsOptions) => {
      const { metricsCommand } = await import("./metrics.ts");
      setExitCode(metricsCommand(names, options, surroundings()));
    });
}

function storeOptions(command: Command): Command {
  return command
    .option("--store <folder>", "where results are kept (default: $SR4IR_STORE or .store)")
    .option("--json", "print one JSON document");
}

function exportOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--format <name>", "as an RO-Crate or in W3C PROV, for other programs")
        .choices(EXPORT_FORMATS).conflicts("json"),
    )
    .addOption(
      new Option("--out <folder>", "write an RO-Crate to a new folder, with the final outputs")
        .implies({ format: "ro-crate" }),
    );
}

function append(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError("Expected a whole number from 1 up.");
  }
  return number;
}

const EXPLAIN_HELP = `
Examples:
  deno task explain pipelines/det_coco.yaml compare
  deno task explain pipelines/det_coco.yaml evaluate --set seed=2 --json`;

const SHOW_HELP = `
Examples:
  deno task show last:compare.comparison
  deno task show pipelines/det_coco.yaml:compare.comparison --set seed=2 --json
  deno task show .store/trees/1f2e3d…/report.html`;

const RUNS_HELP = `
Examples:
  deno task runs
  deno task runs -n 5 --json
  deno task runs last
  deno task runs last --format ro-crate --out crate
  deno task runs last --format prov > prov.json`;

const REPRODUCE_HELP = `
Examples:
  deno task reproduce last~1 --check
  deno task reproduce 20261126-2015
  deno task reproduce last --again
  deno task reproduce last --stage compare

Code, packages, params, data and backend must be those of then, or --anyway must say that they need
not. What is stored is taken; --again takes nothing and leaves nothing in the store.
Exit codes: 0 the same results, 1 others, 2 a mistake or something has changed, 130 interrupted.`;

const DIFF_HELP = `
Examples:
  deno task diff last~1 last
  deno task diff 20261126-2015 last --json`;

const METRICS_HELP = `
Examples:
  deno task metrics pipelines/det_coco.yaml
  deno task metrics pipelines/det_coco.yaml --metric AP50 --metric PSNR
  deno task metrics last~2 last~1 last --csv`;

const GRAPH_HELP = `
Examples:
  deno task graph pipelines/det_coco.yaml
  deno task graph pipelines/det_coco.yaml --format svg > graph.svg
  deno task graph pipelines/paper.yaml --until 'det_x4/*' --format dot | dot -Tpdf > graph.pdf`;

const LINT_HELP = `
Examples:
  deno task lint pipelines/det_coco.yaml
  deno task lint pipelines/*.yaml --json

Exit codes: 0 no mistakes, 2 mistakes; all of them are shown.`;
