/**
 * `export`: one file with a run, its results and its code.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import { type Companions, gatherCode } from "../archive/code.ts";
import {
  collectResults,
  contentEntries,
  type Outputs,
  recordEntries,
  textEntry,
  type Wanted,
} from "../archive/collect.ts";
import { encodeManifest, type LeftOut, MANIFEST, type Manifest, RUN } from "../archive/manifest.ts";
import { changedStages, readPipelineFiles } from "../archive/pipeline_files.ts";
import { writeArchive } from "../archive/write_archive.ts";
import { UserError } from "../diagnostic.ts";
import { EarlierRecords } from "../explain/earlier_records.ts";
import { surviveLimits } from "../execute/no_room.ts";
import { planPipeline } from "../plan/plan.ts";
import { selectRun } from "../runs/select_run.ts";
import { digestBytes } from "../store/digest.ts";
import { hasFormat } from "../store/format.ts";
import { statIfThere } from "../store/files.ts";
import { Store } from "../store/store.ts";
import { count, formatBytes, listed } from "../ui/format.ts";
import { watchInterrupts } from "./interrupt.ts";
import { longWork } from "./long_work.ts";
import { type PlanOptions, print, printError, storeFolder, type Surroundings } from "./options.ts";
import { openSession } from "./session.ts";

/** Options of `export`. */
export interface ExportOptions extends PlanOptions {
  /** Path of the archive; by default the run's id or the pipeline's name. */
  output?: string;
  /** Whose files come along. */
  outputs: Outputs;
}

/** What is to be exported. */
interface Subject {
  store: Store;
  /** The run's id, and the text of its manifest. */
  run: { id: string; text: string } | null;
  pipeline: string;
  /** As it stands in a run: relative to the project where that is possible. */
  file: string;
  profile: string;
  sets: string[];
  wanted: Wanted[];
  /** Ids of stages without a result. */
  missing: string[];
}

/** Writes an archive. @param what a run, or a pipeline file @returns the exit code */
export async function exportCommand(
  what: string,
  options: ExportOptions,
  surroundings: Surroundings,
): Promise<number> {
  surviveLimits();
  const { root, colors } = surroundings;
  const subject = /\.ya?ml$/.test(what)
    ? await readPlan(what, options, surroundings)
    : readRun(what, options, surroundings);
  const { store, run } = subject;
  using _store = store;
  const path = resolve(options.output ?? `${run?.id ?? subject.pipeline}.tar`);
  checkNew(path);

  const { results, missing } = collectResults(
    store,
    new EarlierRecords(store),
    subject.wanted,
    options.outputs,
  );
  if (results.length === 0) {
    throw new UserError({
      message: `Cannot export ${what}: no result of it is in the store ${store.folder}`,
      notes: [`deno task run ${subject.file} makes them`],
    });
  }
  const byId = new Map(results.map(({ id, record }) => [id, record]));
  const { companions, leftOut } = await pipelineCode(subject, byId, root);
  const code = await gatherCode(root, results.map(({ record }) => record), companions);
  await store.unpack(
    results.flatMap(({ record, files }) => files ? Object.values(record.outputs) : []),
  );
  const rest = [
    ...(run === null ? [] : [textEntry(RUN, run.text)]),
    ...recordEntries(results),
    ...code.entries,
    ...contentEntries(store, results),
  ];
  const manifest: Manifest = {
    format: 1,
    run: run && { id: run.id, digest: digestBytes(run.text) },
    pipeline: subject.pipeline,
    file: subject.file,
    results: results.map(({ id, record: { key }, files }) => ({ key, id, files })),
    missing: [...subject.missing, ...missing].sort(),
    code: code.files,
    leftOut: [...leftOut, ...code.leftOut],
    entries: rest.length,
  };
  using watch = watchInterrupts(() => {});
  let bytes: number;
  try {
    using work = longWork("exporting", "bytes", colors);
    bytes = await writeArchive(path, [textEntry(MANIFEST, encodeManifest(manifest)), ...rest], {
      signal: watch.stop,
      onProgress: (done, total) => work.show(done, total),
    });
  } catch (error) {
    if (watch.stop.aborted) return watch.exitCode;
    throw error;
  }
  tell(manifest, path, bytes, options);
  return 0;
}

function readRun(name: string, options: ExportOptions, { root }: Surroundings): Subject {
  const folder = storeFolder(root, options.store);
  // Open for writing, so that what is being exported is not collected meanwhile.
  const store = Store.open(folder, {
    write: hasFormat(folder),
    verify: options.verify ?? false,
    onDamage: ({ what, problem }) => printError(`warning: ${what} ${problem}\n`),
  });
  const record = selectRun(store, name);
  const { id, pipeline, file, profile, sets, stages } = record;
  const text = store.readRun(id);
  if (text === undefined) {
    store.close();
    throw new UserError({
      message: record.status === "running"
        ? `Cannot export the run ${id}: it has not ended yet`
        : `Cannot export the run ${id}: it was killed, and left no manifest`,
      notes: [`deno task export ${file} exports what is stored of its pipeline`],
    });
  }
  const made = stages.filter(({ status }) => status === "hit" || status === "ran");
  return {
    store,
    run: { id, text },
    pipeline,
    file,
    profile,
    sets,
    wanted: made.flatMap(({ id, key }) => key === null ? [] : [{ id, key }]),
    missing: stages.filter((stage) => !made.includes(stage)).map(({ id }) => id),
  };
}

async function readPlan(
  file: string,
  options: ExportOptions,
  surroundings: Surroundings,
): Promise<Subject> {
  const { pipeline, context, store } = await openSession(file, options, surroundings, {
    write: hasFormat(storeFolder(surroundings.root, options.store)),
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const planned = await planPipeline(pipeline, context);
  const path = relative(surroundings.root, resolve(file));
  return {
    store,
    run: null,
    pipeline: pipeline.name,
    file: path.startsWith("..") ? resolve(file) : path,
    profile: pipeline.profile,
    sets: options.set ?? [],
    wanted: planned.flatMap((stage) =>
      stage.status === "hit"
        ? [{ id: stage.instance.id, key: stage.key, record: stage.record }]
        : []
    ),
    missing: planned.filter(({ status }) => status !== "hit").map(({ instance }) => instance.id),
  };
}

/** The files of the pipeline and of its stages; none if it leads elsewhere now. */
async function pipelineCode(
  { store, file, profile, sets }: Subject,
  records: Parameters<typeof changedStages>[1],
  root: string,
): Promise<{ companions: Companions; leftOut: LeftOut[] }> {
  const path = resolve(root, file);
  const { texts, pipeline, problem } = await readPipelineFiles({ file: path, root, profile, sets });
  const without = (why: string) => ({
    companions: { texts: new Map(), modules: [] },
    leftOut: [{ path: file, why }],
  });
  if (pipeline === undefined) return without(`does not load now: ${oneLine(problem)}`);
  const changed = changedStages(pipeline, records, (path) => store.digestPath(path));
  if (changed.length > 0) {
    const which = listed(changed);
    return without(`has changed since, or data that it names: it no longer leads to ${which}`);
  }
  const modules = pipeline.stages.flatMap(({ uses, modules }) => [`stages/${uses}.ts`, ...modules]);
  return { companions: { texts, modules }, leftOut: [] };
}

function oneLine(text = ""): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

/** @throws {UserError} rather than replace anything */
function checkNew(path: string): void {
  if (statIfThere(path) === undefined) return;
  throw new UserError({
    message: `Cannot write ${path}: it is there already`,
    notes: ["Remove it, or choose another name with -o FILE"],
  });
}

function tell(
  { run, results, missing, leftOut, code }: Manifest,
  path: string,
  bytes: number,
  options: ExportOptions,
): void {
  const say = options.json ? printError : print;
  const bare = results.filter(({ files }) => !files).length;
  const parts = [
    count(results.length, "result"),
    ...(bare > 0 ? [`${bare} of them without files`] : []),
    count(code.length, "file") + " of code",
  ];
  say(`${path}: ${parts.join(", ")}, ${formatBytes(bytes)}\n`);
  if (missing.length > 0) say(`no result: ${listed(missing)}\n`);
  for (const { path, why } of leftOut) say(`not in it: ${path} ${why}\n`);
  if (options.json) {
    print(
      JSON.stringify(
        { archive: path, bytes, run: run?.id ?? null, results, missing, leftOut },
        null,
        2,
      ) + "\n",
    );
  }
}
