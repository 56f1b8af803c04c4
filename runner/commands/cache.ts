/**
 * The part of the command line that deals with stored results: `cache ls`, `verify`, `check`, `gc`,
 * `pack`, `tag`, `untag`, `tags`, `push`, `pull`; and with `export` and `import`.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseBytes, parseSeconds } from "../pipeline/quantities.ts";
import type { CacheCheckOptions } from "./cache_check.ts";
import type { CacheGcOptions } from "./cache_gc.ts";
import type { KeygenOptions } from "./cache_keygen.ts";
import type { CachePackOptions } from "./cache_pack.ts";
import type { ExportOptions } from "./export.ts";
import type { ImportCommandOptions } from "./import.ts";
import type { StoreOption } from "./look.ts";
import type { PlanOptions, Surroundings } from "./options.ts";

/** What the commands are declared with. */
export interface DeclaringCache {
  /** Adds the options that say which stages of a pipeline, and which caches, are meant. */
  planOptions: (command: Command) => Command;
  /** Adds those that say which stages of a pipeline are meant. */
  pipelineOptions: (command: Command) => Command;
  setExitCode: (code: number) => void;
  surroundings: () => Surroundings;
}

/** Adds the commands to the program. */
export function declareCache(
  program: Command,
  { planOptions, pipelineOptions, setExitCode, surroundings }: DeclaringCache,
): void {
  const cache = program.command("cache")
    .description("Deal with stored results")
    .helpCommand(false);

  storeOptions(cache.command("ls"))
    .description("Say what is stored by pipeline and stage: sizes, ages, what it took to make")
    .action(async (options: StoreOption) => {
      const { cacheLsCommand } = await import("./cache_ls.ts");
      setExitCode(cacheLsCommand(options, surroundings()));
    });

  storeOptions(cache.command("verify"))
    .description("Look at every stored file; set aside what is broken, so that runs make it anew")
    .addHelpText("after", VERIFY_HELP)
    .action(async (options: StoreOption) => {
      const { cacheVerifyCommand } = await import("./cache_verify.ts");
      setExitCode(await cacheVerifyCommand(options, surroundings()));
    });

  storeOptions(cache.command("check"))
    .description("Look at some of the store by chance, run a cheap stage again: are they the same?")
    .addOption(
      new Option("--sample <share|n>", "how many stored files to read: 5% or 200")
        .argParser(share).default({ share: 0.05 }, "5%"),
    )
    .option("--stages <n>", "how many stages to run once more", wholeNumber, 1)
    .option(
      "--seed <n>",
      "chooses as a check did that printed it (default: by chance)",
      wholeNumber,
    )
    .addHelpText("after", CHECK_HELP)
    .action(async (options: CacheCheckOptions) => {
      const { cacheCheckCommand } = await import("./cache_check.ts");
      setExitCode(await cacheCheckCommand(options, surroundings()));
    });

  storeOptions(cache.command("gc"))
    .description("Make the store smaller; results of the last runs stay")
    .option("-n, --dry-run", "only say what would go, and what it would take to make it again")
    .option(
      "--older-than <time>",
      "remove results that no run has used for so long: 30d, 12h",
      time,
    )
    .option("--max-size <size>", "then remove what saves least until it is so small: 50GB", size)
    .option("--keep-runs <n>", "results of the last runs stay (default: 10)", wholeNumber)
    .option("--keep <pipeline...>", "results of these pipeline files stay")
    .addHelpText("after", GC_HELP)
    .action(async (options: CacheGcOptions) => {
      const { cacheGcCommand } = await import("./cache_gc.ts");
      setExitCode(await cacheGcCommand(options, surroundings()));
    });

  storeOptions(cache.command("pack"))
    .description("Put the small files of results that no run has used for long into packs")
    .addOption(
      new Option("--older-than <time>", "pack what no run has used for so long: 30d, 12h")
        .argParser(age).default(WEEK, "7d"),
    )
    .option("-n, --dry-run", "only say what would be packed")
    .addHelpText("after", PACK_HELP)
    .action(async (options: CachePackOptions) => {
      const { cachePackCommand } = await import("./cache_pack.ts");
      setExitCode(await cachePackCommand(options, surroundings()));
    });

  pipelineOptions(cache.command("tag"))
    .description("Give a run or a result a name; it stays until the name is taken away")
    .argument("<name>", "letters, digits, . _ and -, such as paper-v1")
    .argument("<target>", `a run, ${ARTIFACT}`)
    .addHelpText("after", TAG_HELP)
    .action(async (name: string, target: string, options: PlanOptions) => {
      const { cacheTagCommand } = await import("./cache_tag.ts");
      setExitCode(await cacheTagCommand(name, target, options, surroundings()));
    });

  storeOptions(cache.command("untag"))
    .description("Take a tag away; what it named may then go")
    .argument("<name>", "a tag")
    .action(async (name: string, options: StoreOption) => {
      const { cacheUntagCommand } = await import("./cache_tag.ts");
      setExitCode(cacheUntagCommand(name, options, surroundings()));
    });

  storeOptions(cache.command("tags"))
    .description("List tags: what they name, and how much of the store they keep")
    .action(async (options: StoreOption) => {
      const { cacheTagsCommand } = await import("./cache_tag.ts");
      setExitCode(cacheTagsCommand(options, surroundings()));
    });

  planOptions(cache.command("push"))
    .description("Give results to the remote cache")
    .argument("<what>", `all, a pipeline file, a run, ${ARTIFACT}`)
    .addHelpText("after", PUSH_HELP)
    .action(async (what: string, options: PlanOptions) => {
      const { cachePushCommand } = await import("./cache_push.ts");
      setExitCode(await cachePushCommand(what, options, surroundings()));
    });

  cache.command("keygen")
    .description("Make a pair of keys, to sign the results in a remote cache and to check them")
    .argument("[name]", "writes NAME.pem and NAME.pub.pem", "sr4ir-remote")
    .option("--json", "print one JSON document")
    .addHelpText("after", KEYGEN_HELP)
    .action(async (name: string, options: KeygenOptions) => {
      const { cacheKeygenCommand } = await import("./cache_keygen.ts");
      setExitCode(cacheKeygenCommand(name, options));
    });

  planOptions(cache.command("pull"))
    .description("Fetch the results of a pipeline that the remote cache has")
    .argument("<file>", "pipeline file, e.g. pipelines/det_coco.yaml")
    .addHelpText("after", PULL_HELP)
    .action(async (file: string, options: PlanOptions) => {
      const { cachePullCommand } = await import("./cache_pull.ts");
      setExitCode(await cachePullCommand(file, options, surroundings()));
    });

  pipelineOptions(program.command("export"))
    .description("Write one file with a run, its results and its code, for another machine")
    .argument("<run|file>", "a past run such as last, or a pipeline for what is stored of it")
    .option("-o, --output <file>", "where to (default: the run's id, or the pipeline's name, .tar)")
    .addOption(
      new Option("--outputs <which>", "files of all outputs, or of those nothing else is made from")
        .choices(["all", "final"]).default("all"),
    )
    .addHelpText("after", EXPORT_HELP)
    .action(async (what: string, options: ExportOptions) => {
      const { exportCommand } = await import("./export.ts");
      setExitCode(await exportCommand(what, options, surroundings()));
    });

  storeOptions(program.command("import"))
    .description("Take an exported file into the store: its results are hits then")
    .argument("<archive>", "what export has written")
    .option("--code <folder>", "also unpack the code into this new folder")
    .addHelpText("after", IMPORT_HELP)
    .action(async (archive: string, options: ImportCommandOptions) => {
      const { importCommand } = await import("./import.ts");
      setExitCode(await importCommand(archive, options, surroundings()));
    });
}

function storeOptions(command: Command): Command {
  return command
    .option("--store <folder>", "where results are kept (default: $SR4IR_STORE or .store)")
    .option("--json", "print one JSON document");
}

function time(value: string): number {
  const seconds = parseSeconds(value);
  if (seconds === undefined) throw new InvalidArgumentError("Expected a time such as 30d or 12h.");
  return seconds;
}

/** A time that may be none. */
function age(value: string): number {
  return /^0[smhd]?$/.test(value) ? 0 : time(value);
}

function size(value: string): number {
  const bytes = parseBytes(value);
  if (bytes === undefined) throw new InvalidArgumentError("Expected a size such as 50GB.");
  return bytes;
}

function share(value: string): CacheCheckOptions["sample"] {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(value);
  if (!percent) return { count: wholeNumber(value) };
  const share = Number(percent[1]) / 100;
  if (share <= 1) return { share };
  throw new InvalidArgumentError("Expected no more than 100%.");
}

function wholeNumber(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) {
    throw new InvalidArgumentError("Expected a whole number from 0 up.");
  }
  return number;
}

/** What names a stored folder. */
const ARTIFACT = "RUN:STAGE.OUTPUT, FILE:STAGE.OUTPUT, a path in the store, a digest, or a tag";

const TAG_HELP = `
Examples:
  deno task cache tag paper-v1 last
  deno task cache tag best-detector pipelines/det_coco.yaml:compare.comparison --set seed=2
  deno task diff paper-v1 last
  deno task show paper-v1:compare.comparison

A tag stands wherever a run or a stored folder may. cache gc removes nothing that a tag names, nor
what that was made from.`;

const VERIFY_HELP = `
It may run beside pipelines. Exit codes: 0 nothing is wrong, 1 something was.`;

const CHECK_HELP = `
Examples:
  deno task cache check
  deno task cache check --sample 100% --stages 3
  deno task cache check --seed 1234567

A stage is run again as run --check does it: in another folder, with another clock, on one processor.
It is chosen among the cheaper half of the stored results of past runs whose code and inputs are
still what they were. It may run beside pipelines. Exit codes: 0 all is the same, 1 something is not.`;

const GC_HELP = `
Examples:
  deno task cache gc --older-than 30d --dry-run
  deno task cache gc --max-size 50GB --keep pipelines/paper.yaml
  deno task cache gc --keep-runs 3

Without a limit it removes only what no result needs; with --keep-runs or --keep alone, all else.
It may run beside pipelines: what they use stays.`;

/** Seconds. */
const WEEK = 7 * 24 * 3600;

const PACK_HELP = `
Examples:
  deno task cache pack --dry-run
  deno task cache pack --older-than 30d
  deno task cache pack --older-than 0d     # all that no running pipeline uses

Files of up to 64 KiB, of stored folders with 64 or more of them, go into packs of about 16 MiB.
Results stay hits; what a stage or a person wants to read is unpacked then, folder by folder. It may
run beside pipelines. Exit codes: 0 done, 1 something is broken and was not packed.`;

const PUSH_HELP = `
Examples:
  deno task cache push pipelines/det_coco.yaml --remote http://cache.lab/sr4ir
  deno task cache push all --remote /mnt/shared/sr4ir
  deno task cache push paper-v1 --remote /mnt/shared/sr4ir`;

const EXPORT_HELP = `
Examples:
  deno task export last -o run.tar
  deno task export last~1 -o run.tar --outputs final
  deno task export pipelines/det_coco.yaml -o det.tar --set seed=2

--profile, --set and --until say which stages of a pipeline file are meant; a run has its own.`;

const IMPORT_HELP = `
Examples:
  deno task import run.tar
  deno task import run.tar --code from_elsewhere

Every file is checked by its digest; unless all of them are right, nothing is kept. The code is not
run, but it is someone else's: look at it before you do.`;

const KEYGEN_HELP = `
Example:
  deno task cache keygen ~/.config/sr4ir-lab

Who gives results sets SR4IR_REMOTE_SIGNING_KEY to NAME.pem, who takes them
SR4IR_REMOTE_PUBLIC_KEY to NAME.pub.pem; a file may hold the public keys of several, one behind the
other. From then on what nobody of them has signed counts as not there.`;

const PULL_HELP = `
Examples:
  deno task cache pull pipelines/det_coco.yaml --remote http://cache.lab/sr4ir
  deno task cache pull pipelines/det_coco.yaml --until evaluate --set seed=2`;
