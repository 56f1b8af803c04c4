/**
 * `--format ro-crate` and `--format prov`: provenance in the forms that other programs read, of a run
 * or of a stored folder.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { UserError } from "../diagnostic.ts";
import type { EarlierRecords } from "../explain/earlier_records.ts";
import { type Exported, type FinalOutput, readBy } from "../explain/exported.ts";
import type { Artifact } from "../explain/find_artifact.ts";
import { traceResults } from "../explain/provenance.ts";
import { type Enclosed, folderFor, METADATA_FILE, roCrate } from "../explain/ro_crate.ts";
import type { ActionRecord } from "../plan/record.ts";
import { isDone, type RunRecord } from "../runs/run_record.ts";
import { digestFile } from "../store/digest.ts";
import type { Store } from "../store/store.ts";
import type { Tree } from "../store/tree.ts";
import { count } from "../ui/format.ts";
import { print } from "./options.ts";

/** Options of the commands that export. */
export interface ExportOptions {
  format?: "ro-crate" | "prov";
  /** Folder for an RO-Crate with the final outputs. */
  out?: string;
}

/** What is exported of a run: all that it did, and what no other stage of it reads. */
export function exportedRun(
  run: RunRecord,
  command: string,
  store: Store,
  records: EarlierRecords,
): Exported {
  const done = run.stages.filter(isDone);
  const keys = new Set(done.flatMap(({ key }) => key ?? []));
  const own = [...keys].flatMap((key) => store.peekRecord(key) ?? []);
  if (own.length === 0) {
    throw new UserError({
      message: `nothing that run ${run.id} has made is stored`,
      notes: [`${command} makes it again`],
    });
  }
  const read = new Set(own.flatMap(readBy).map(({ digest }) => digest));
  const finals = done.flatMap(({ id, outputs }) =>
    Object.entries(outputs).filter(([, digest]) => !read.has(digest))
      .map(([output, digest]): FinalOutput => ({ name: `${id}.${output}`, digest }))
  );
  return {
    title: `Run ${run.id} of ${run.pipeline}`,
    description: `Made by: ${command}`,
    identifier: run.id,
    records: allOf(own, keys, store, records),
    finals,
    run,
    failed: run.stages.filter(({ status }) => status === "failed"),
  };
}

/** What is exported of a stored folder: all that led to it. */
export function exportedArtifact(
  { record, output, preferred }: Artifact,
  store: Store,
  records: EarlierRecords,
): Exported {
  const digest = record.outputs[output];
  const name = `${record.madeBy.id}.${output}`;
  return {
    title: `${name} of ${record.madeBy.pipeline}`,
    description: "A stored result and all that led to it",
    identifier: digest,
    records: allOf([record], preferred, store, records),
    finals: [{ name, digest }],
    failed: [],
  };
}

/** Oldest first. */
function allOf(
  made: ActionRecord[],
  preferred: ReadonlySet<string>,
  store: Store,
  records: EarlierRecords,
): ActionRecord[] {
  return Object.keys(traceResults(made, records, preferred))
    .flatMap((key) => store.peekRecord(key) ?? [])
    .sort((a, b) => a.startedAt < b.startedAt ? -1 : 1);
}

/** Prints or, with `--out`, writes. @returns the exit code @throws {UserError} if that cannot be done */
export async function writeExport(
  exported: Exported,
  { format, out }: ExportOptions,
  store: Store,
): Promise<number> {
  if (format === "prov") {
    if (out !== undefined) {
      throw new UserError({
        message: "--out writes the folder of an RO-Crate, and nothing else",
        notes: ["leave it out: --format prov > prov.json"],
      });
    }
    const { provDocument } = await import("../explain/prov.ts");
    print(JSON.stringify(provDocument(exported), null, 2) + "\n");
    return 0;
  }
  if (out === undefined) {
    print(JSON.stringify(roCrate(exported), null, 2) + "\n");
    return 0;
  }
  const folder = emptyFolder(out);
  const enclosed = await enclose(exported.finals, folder, store);
  const crate = JSON.stringify(roCrate(exported, enclosed), null, 2) + "\n";
  Deno.writeTextFileSync(join(folder, METADATA_FILE), crate);
  print(`Wrote ${count(enclosed.size, "output")} and ${METADATA_FILE} to ${out}\n`);
  return 0;
}

function emptyFolder(out: string): string {
  const folder = resolve(out);
  try {
    Deno.mkdirSync(folder, { recursive: true });
    if (Deno.readDirSync(folder)[Symbol.iterator]().next().done) return folder;
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error)) throw error;
    throw new UserError(`Cannot write to ${out}: ${error.message}`, { cause: error });
  }
  throw new UserError({
    message: `Cannot write to ${out}: there is something in it`,
    notes: ["--out wants a new or an empty folder"],
  });
}

/** Copies, so that whoever edits the crate does not edit the store; each file is checked. */
async function enclose(finals: FinalOutput[], folder: string, store: Store): Promise<Enclosed> {
  const enclosed = new Map<string, { path: string; tree: Tree }>();
  for (const final of finals) {
    if (enclosed.has(final.digest)) continue; // two stages have made the same
    const tree = store.peekTree(final.digest);
    if (tree === undefined) throw gone(final);
    await store.unpack([final.digest]);
    const path = folderFor(final);
    Deno.mkdirSync(join(folder, path), { recursive: true });
    for (const file of tree.files) {
      const target = join(folder, path, file.path);
      await Deno.mkdir(dirname(target), { recursive: true });
      try {
        await Deno.copyFile(store.objectPath(file.digest), target);
      } catch (error) {
        throw error instanceof Deno.errors.NotFound ? gone(final) : error;
      }
      Deno.chmodSync(target, file.executable ? 0o755 : 0o644);
      if (digestFile(target).digest !== file.digest) throw gone(final);
    }
    enclosed.set(final.digest, { path, tree });
  }
  return enclosed;
}

function gone({ name }: FinalOutput): UserError {
  return new UserError({
    message: `Cannot copy ${name}: it is not in the store any more, or not whole`,
    notes: ["run the pipeline again to make it; or leave out --out for the metadata alone"],
  });
}
