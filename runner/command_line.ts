/**
 * All commands and their options. What `quick_arguments.ts` can read does not come here.
 *
 * @module
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { join } from "node:path";
import { declareExplaining } from "./commands/explaining.ts";
import { declareCache } from "./commands/cache.ts";
import { declareInspecting } from "./commands/inspecting.ts";
import type { RunCommandOptions, Surroundings } from "./commands/options.ts";
import type { ManifestsOptions } from "./commands/manifests.ts";
import type { PlanCommandOptions } from "./commands/plan.ts";
import { BACKENDS, DOWNLOADS, USER_MISTAKE } from "./commands/options.ts";
import { UserError } from "./diagnostic.ts";

/** Runs one command. @returns the exit code */
export async function runProgram(
  args: string[],
  surroundings: () => Surroundings,
): Promise<number> {
  let exitCode = 0;
  const program = createProgram((code) => exitCode = code, surroundings);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USER_MISTAKE;
    throw error;
  }
}

/** All commands, with what they say of themselves. */
export function createProgram(
  setExitCode: (code: number) => void,
  surroundings: () => Surroundings,
): Command {
  const program = new Command("deno task")
    .description("Runs pipelines of stages; what was done before is taken from the cache.")
    .helpCommand(false)
    .addHelpText("after", HELP)
    .exitOverride();

  planOptions(withFile(program.command("run")))
    .description("Run a pipeline: restore what is stored, run the rest, show the results")
    .option(
      "-j, --jobs <n>",
      "processors to use (default: all); on a cluster: jobs in its queue at once (default: 100)",
      positiveInteger,
    )
    .option("--gpus <n|ids>", "GPUs to use: how many, or which, such as 0,3 (default: all)")
    .option("--slots <name=n>", "how many stages may share a slot; may be repeated", slotCount)
    .addOption(
      new Option("--executor <name>", "where stages run: on this machine, or as jobs of a cluster")
        .choices(["local", "slurm"]).default("local"),
    )
    .addOption(
      new Option(
        "--cluster <file>",
        "what Slurm wants to know (default: cluster.yaml, if it is there)",
      )
        .implies({ executor: "slurm" }),
    )
    .option(
      "--check <stage>",
      "run it once more: does it make the same bytes? may be repeated",
      append,
    )
    .option("--check-resume <stage>", "the same with stops on the way; may be repeated", append)
    .option("--stops <n>", "how often --check-resume stops a stage (default: 3)", positiveInteger)
    .option("-k, --keep-going", "after a failure, still run what does not depend on it (default)")
    .addOption(
      new Option(
        "--remote-download <which>",
        "files to fetch of results in the remote cache, besides those that stages here read: " +
          "results that no stage reads, all, or needed ones only",
      ).choices(DOWNLOADS).default("results").env("SR4IR_REMOTE_DOWNLOAD"),
    )
    .addOption(
      new Option("--fail-fast", "after a failure, start nothing more; what is at work may end")
        .conflicts("keepGoing"),
    )
    .option("-q, --quiet", "show failures and results only")
    .addOption(
      new Option("--logs", "show the whole log of every stage, of stored ones, too")
        .conflicts("quiet"),
    )
    .addOption(
      new Option("--events", "print each event as a line of JSON on standard output, as it happens")
        .conflicts("json"),
    )
    .addHelpText("after", RUN_HELP)
    .action(async (file: string | undefined, options: RunCommandOptions) => {
      const { runCommand } = await import("./commands/run.ts");
      setExitCode(
        await runCommand(file ?? askForFile("run", surroundings()), options, surroundings()),
      );
    });

  planOptions(withFile(program.command("plan")))
    .description("Say what would run and why, without running anything")
    .option("--cost", "also say how long that will take, by what it took before")
    .option("-j, --jobs <n>", "processors that it would share (default: all)", positiveInteger)
    .addHelpText("after", PLAN_HELP)
    .action(async (file: string | undefined, options: PlanCommandOptions) => {
      const { planCommand } = await import("./commands/plan.ts");
      setExitCode(
        await planCommand(file ?? askForFile("plan", surroundings()), options, surroundings()),
      );
    });

  planOptions(withFile(program.command("manifests")))
    .description("Write the stages that would run as jobs for Kubernetes or AWS Batch")
    .addOption(
      new Option("--for <cluster>", "what kind of jobs").choices(["kubernetes", "aws-batch"])
        .makeOptionMandatory(),
    )
    .option("--cluster <file>", "what the cluster wants to know (default: cluster.yaml)")
    .option("--out <folder>", "write files to a new folder (default: all to standard output)")
    .addHelpText("after", MANIFESTS_HELP)
    .action(async (file: string | undefined, options: ManifestsOptions) => {
      const { manifestsCommand } = await import("./commands/manifests.ts");
      const asked = file ?? askForFile(`manifests --for ${options.for}`, surroundings());
      setExitCode(await manifestsCommand(asked, options, surroundings()));
    });

  declareCache(program, { planOptions, pipelineOptions, setExitCode, surroundings });
  declareExplaining(program, { pipelineOptions, setExitCode, surroundings });

  declareInspecting(program, { planOptions, pipelineOptions, setExitCode, surroundings });

  program.command("schema")
    .description("Write the JSON Schema with which an editor checks pipeline files")
    .argument("[file]", "where to, - for standard output (default: pipelines/schema.json)")
    .action(async (file: string | undefined) => {
      const { schemaCommand } = await import("./commands/schema.ts");
      setExitCode(await schemaCommand(file, surroundings()));
    });

  program.command("doctor")
    .description("Show which tensor backends are here and how fast they are")
    .option("--json", "print one JSON document")
    .action(async (options: { json?: boolean }) => {
      const { doctorCommand } = await import("./commands/doctor.ts");
      setExitCode(await doctorCommand(options, surroundings()));
    });
  return program;
}

function withFile(command: Command): Command {
  return command.argument("[file]", "pipeline file, e.g. pipelines/det_coco.yaml");
}

function planOptions(command: Command): Command {
  return pipelineOptions(command)
    .addOption(
      new Option("--remote <url|folder>", "a cache shared with others").env("SR4IR_REMOTE"),
    )
    .option("--remote-read-only", "take results from the remote cache, give none")
    .option("--remote-strict", "give it only results that --check has found to be deterministic");
}

function pipelineOptions(command: Command): Command {
  return command
    .option("-p, --profile <name>", "use a named set of params of the file")
    .option("-s, --set <param=value>", "change a param; may be repeated", append)
    .option("--until <stage>", "only this stage and what it needs; may be repeated", append)
    .addOption(
      new Option("--only <stage>", "only this stage, on stored inputs; may be repeated")
        .argParser(append).conflicts("until"),
    )
    .option("--force <stage>", "run this stage again though it is stored; may be repeated", append)
    .option("--store <folder>", "where results are kept (default: $SR4IR_STORE or .store)")
    .addOption(
      new Option("--backend <name>", "where tensors are computed")
        .choices(BACKENDS).default("auto").env("SR4IR_BACKEND"),
    )
    .option("--verify", "check the digest of every stored file that is used")
    .option("--json", "print one JSON document on standard output, all else on standard error");
}

const HELP = `
Examples:
  deno task run pipelines/det_coco.yaml
  deno task plan pipelines/det_coco.yaml --set scales=[8]
  deno task run --help`;

const RUN_HELP = `
Examples:
  deno task run pipelines/det_coco.yaml
  deno task run pipelines/det_coco.yaml --profile paper
  deno task run pipelines/det_coco.yaml --set scales=[8] --set seed=2
  deno task run pipelines/det_coco.yaml --until 'evaluate/*'
  deno task run pipelines/det_coco.yaml --json > run.json
  deno task run pipelines/det_coco.yaml --events | jq .type

A STAGE is an id, the name before a / for all that begin with it, or a pattern with *.
Ctrl-C stops cleanly; the same command then goes on from what was finished.
Exit codes: 0 done, 1 a stage failed, 2 a mistake in the command or the file, 130 interrupted.`;

const PLAN_HELP = `
Examples:
  deno task plan pipelines/det_coco.yaml
  deno task plan pipelines/det_coco.yaml --set scales=[8]
  deno task plan pipelines/det_coco.yaml --set seed=2 --cost --jobs 2`;

const MANIFESTS_HELP = `
Examples:
  deno task manifests pipelines/det_coco.yaml --for kubernetes | kubectl apply -f -
  deno task manifests pipelines/det_coco.yaml --for aws-batch | sh
  deno task manifests pipelines/det_coco.yaml --for aws-batch --out jobs

Nothing is run here. A job runs one stage on the store that all share; for Kubernetes those are
written whose inputs are stored, for AWS Batch also those that wait for them. See docs/cluster.md.`;

function append(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function slotCount(value: string, before: Record<string, number> = {}): Record<string, number> {
  const [name, count, ...more] = value.split("=");
  if (count === undefined || more.length > 0) {
    throw new InvalidArgumentError("Expected NAME=COUNT, such as disk=2.");
  }
  return { ...before, [name]: positiveInteger(count) };
}

function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) {
    throw new InvalidArgumentError("Expected a whole number from 1 up.");
  }
  return number;
}

function askForFile(command: string, { root }: Surroundings): never {
  throw new UserError({
    message: "which pipeline? Give the path of its file",
    notes: pipelineFiles(root).map((file) => `deno task ${command} ${file}`),
  });
}

function pipelineFiles(root: string): string[] {
  try {
    return [...Deno.readDirSync(join(root, "pipelines"))]
      .filter(({ isFile, name }) => isFile && /\.ya?ml$/.test(name))
      .map(({ name }) => `pipelines/${name}`)
      .sort();
  } catch {
    return []; // no folder, nothing to propose
  }
}
