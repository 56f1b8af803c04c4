/**
 * From an archive to hits. Everything is checked while it streams and waits in temporary files; only
 * when the whole archive has been found right does anything get its name in the store, contents
 * first, then records, then the run. So whoever is killed, or given something wrong, has gained
 * nothing and lost nothing.
 *
 * @module
 */
import { digestModule } from "../plan/module_facts.ts";
import type { ActionRecord } from "../plan/record.ts";
import { noteReads } from "../plan/unread.ts";
import { canonicalJson, digestBytes } from "../store/digest.ts";
import { explain, explained, readIfThere } from "../store/files.ts";
import { decodeRecord } from "../store/records.ts";
import { readForeignRecord } from "../store/remote/shape.ts";
import type { Store } from "../store/store.ts";
import type { TreeFile } from "../store/tree.ts";
import { adoptFiles } from "../store/trees.ts";
import { Arrivals } from "./arrivals.ts";
import { isProjectFile, MISSING, NamedCode } from "./code.ts";
import { isForeignRun } from "./foreign_run.ts";
import {
  codeEntry,
  contentEntry,
  LARGEST_CODE,
  MANIFEST,
  type Manifest,
  readManifest,
  recordEntry,
  RUN,
} from "./manifest.ts";
import { type ArchiveEntry, badArchive, readArchive, type ReadOptions } from "./read_archive.ts";

/** No manifest, and no record, is larger, in bytes. */
const LARGEST_TEXT = 64 * 2 ** 20;

/** Files that get their names together. */
const BATCH = 256;

/** What came of an import. */
export interface Imported {
  manifest: Manifest;
  /** Keys of results that are new here. */
  added: string[];
  /** Keys of results that were here. */
  present: string[];
  /** Keys of results that were here with other bytes, which stay. */
  different: string[];
  /** Keys of results among the new ones whose outputs lack their files. */
  bare: string[];
  /** Contents that are new here, and what they take. */
  contents: number;
  bytes: number;
  /** Code by its path in the project, in temporary files; empty unless it was asked for. */
  code: { path: string; source: string }[];
}

/** How an archive is imported. */
export interface ImportOptions extends ReadOptions {
  /** Keep the code in temporary files of the store. */
  code: boolean;
}

/**
 * Imports an archive.
 *
 * @param store may be written to
 * @param archive path of the file
 * @throws {UserError} if it is not whole, or not what an export makes; if the disk is full
 */
export async function importArchive(
  store: Store,
  archive: string,
  options: ImportOptions,
): Promise<Imported> {
  let intake: Intake | undefined;
  for await (const entry of readArchive(archive, options)) {
    if (intake) await intake.take(entry);
    else intake = new Intake(store, archive, await readFirst(archive, entry), options.code);
  }
  if (intake === undefined) throw badArchive(archive, "it is empty");
  intake.check();
  return await intake.publish();
}

async function readFirst(archive: string, entry: ArchiveEntry): Promise<Manifest> {
  if (entry.name !== MANIFEST) {
    throw badArchive(archive, `it was not made by export: it does not begin with ${MANIFEST}`);
  }
  const manifest = readManifest(await readText(archive, entry, LARGEST_TEXT));
  if (manifest !== undefined) return manifest;
  throw badArchive(archive, `its ${MANIFEST} is not one that this version understands`);
}

/** A record that waits. */
interface WaitingRecord {
  outputs: Record<string, string>;
  log: string;
  /** Temporary file with its text. */
  path: string;
}

/** Takes in what one manifest announces. */
class Intake {
  readonly #arrivals: Arrivals;
  /** What is still to come besides contents. */
  readonly #expected = new Map<string, (entry: ArchiveEntry) => Promise<void>>();
  readonly #records = new Map<string, WaitingRecord>();
  readonly #named = new NamedCode();
  /** Path → digest of the text as keys have it. */
  readonly #modules = new Map<string, string>();
  readonly #code: Imported["code"] = [];
  #run: string | undefined;
  #entries = 0;
  readonly #bare = new Set<string>();

  constructor(
    readonly store: Store,
    readonly archive: string,
    readonly manifest: Manifest,
    readonly keepCode: boolean,
  ) {
    this.#arrivals = new Arrivals(store);
    const { run, results, code } = manifest;
    if (run !== null) this.#expected.set(RUN, (entry) => this.#takeRun(entry, run));
    for (const { key } of results) {
      this.#expected.set(recordEntry(key), (entry) => this.#takeRecord(entry, key));
    }
    for (const file of code) {
      this.#expected.set(codeEntry(file.path), (entry) => this.#takeCode(entry, file));
    }
  }

  /** Takes the next entry. */
  async take(entry: ArchiveEntry): Promise<void> {
    const { name } = entry;
    this.#entries++;
    const take = this.#expected.get(name);
    if (take) {
      this.#expected.delete(name);
      return await take(entry);
    }
    const digest = /^objects\/([0-9a-f]{64})$/.exec(name)?.[1];
    if (digest === undefined) throw this.#bad(`its entry "${name}" does not belong into it`);
    if (!await this.#arrivals.take(digest, entry)) throw this.#wrong(name);
  }

  async #takeRun(entry: ArchiveEntry, { id, digest }: NonNullable<Manifest["run"]>): Promise<void> {
    const text = await readText(this.archive, entry, LARGEST_TEXT);
    const isRun = isForeignRun(text, id, this.manifest.pipeline);
    if (!isRun || digestBytes(text) !== digest) throw this.#wrong(RUN);
    const here = this.store.readRun(id);
    if (here !== undefined && here !== text) {
      throw this.#bad(`the store has another run with the id ${id}`);
    }
    this.#run = text;
  }

  async #takeRecord(entry: ArchiveEntry, key: string): Promise<void> {
    const text = await readText(this.archive, entry, LARGEST_TEXT);
    const record = readForeignRecord(text, key);
    if (record === undefined) throw this.#wrong(entry.name);
    this.#named.add(record);
    const path = this.store.temporary();
    this.#writing(() => Deno.writeTextFileSync(path, text, { createNew: true }));
    this.#records.set(key, { outputs: record.outputs, log: record.log, path });
  }

  async #takeCode(entry: ArchiveEntry, { path, digest }: TreeFile): Promise<void> {
    const bytes = await readBytes(this.archive, entry, LARGEST_CODE);
    if (digestBytes(bytes) !== digest) throw this.#wrong(entry.name);
    this.#modules.set(path, await digestModule(path, bytes));
    if (!this.keepCode) return;
    const source = this.store.temporary();
    this.#writing(() => Deno.writeFileSync(source, bytes, { createNew: true }));
    this.#code.push({ path, source });
  }

  /** Whether all has come, and belongs together. @throws {UserError} if not */
  check(): void {
    const [lacking] = this.#expected.keys();
    if (lacking !== undefined) throw this.#bad(`it lacks "${lacking}"`);
    const { entries, leftOut } = this.manifest;
    if (this.#entries !== entries) {
      throw this.#bad(`it has ${this.#entries} entries, and should have ${entries}`);
    }
    this.#checkContents();
    const absent = new Set(leftOut.map(({ path }) => path));
    for (const [id, digests] of this.#named.digests) {
      if (!isProjectFile(id) || absent.has(id)) continue;
      if (!digests.has(this.#modules.get(id) ?? MISSING)) throw this.#wrong(codeEntry(id));
    }
  }

  #checkContents(): void {
    const { contents } = this.#arrivals;
    const needed = new Set<string>();
    for (const { key, files } of this.manifest.results) {
      const { outputs, log } = this.#record(key);
      needed.add(log);
      for (const tree of Object.values(outputs)) {
        needed.add(tree);
        const listed = this.#arrivals.filesOf(tree);
        if (listed === undefined && contents.has(tree)) throw this.#wrong(contentEntry(tree));
        listed?.forEach(({ digest }) => needed.add(digest));
        const lacking = listed?.find(({ digest, size }) => !this.#arrivals.has(digest, size));
        if (listed && !lacking) continue;
        // A list of files comes with all of them: else its sizes could be anything.
        if (files || contents.has(tree)) {
          throw this.#bad(
            `it lacks ${lacking ? `the file ${lacking.path}` : "the files"} of a result`,
          );
        }
        this.#bare.add(key);
      }
    }
    const extra = contents.keys().find((digest) => !needed.has(digest));
    if (extra !== undefined) throw this.#bad(`no result needs its entry "${contentEntry(extra)}"`);
  }

  /** Gives everything its name. */
  async publish(): Promise<Imported> {
    const { manifest, store } = this;
    const fresh = [...this.#arrivals.contents].flatMap(([digest, { path: source, size }]) =>
      source === undefined ? [] : [{ source, digest, size }]
    );
    for (let at = 0; at < fresh.length; at += BATCH) {
      await this.#adopt(fresh.slice(at, at + BATCH));
    }
    const imported: Imported = {
      manifest,
      added: [],
      present: [],
      different: [],
      bare: [],
      contents: fresh.length,
      bytes: fresh.reduce((sum, { size }) => sum + size, 0),
      code: this.#code,
    };
    for (const { key } of manifest.results) {
      const here = this.#recordHere(key);
      const { outputs, path } = this.#record(key);
      if (here === undefined) {
        const record = decodeRecord(readIfThere(path) ?? "", key);
        if (record === undefined) throw new RangeError(`Cannot read back the record of ${key}`);
        this.#keep(record, imported);
      } else if (canonicalJson(here.outputs) === canonicalJson(outputs)) {
        imported.present.push(key);
      } else imported.different.push(key);
    }
    const { run, pipeline, results } = manifest;
    const known = store.remembered(pipeline);
    const news = results.filter(({ id }) => !known.has(id));
    store.remember(pipeline, new Map(news.map(({ id, key }) => [id, key])));
    if (run !== null && this.#run !== undefined && store.readRun(run.id) === undefined) {
      store.takeRun(run.id, this.#run);
    }
    return imported;
  }

  /** One without its outputs is marked, so that nothing that comes later under their digests is taken for them. */
  #keep(record: ActionRecord, { added, bare }: Imported): void {
    const { key } = record;
    added.push(key);
    if (this.#bare.has(key)) {
      this.store.takeRecord({ ...record, bare: true });
      bare.push(key);
    } else {
      this.store.takeRecord(record);
      noteReads(this.store, record);
    }
  }

  /** What the store has under a key; of a result without files the record is enough. */
  #recordHere(key: string): ActionRecord | undefined {
    return this.#bare.has(key) ? this.store.peekRecord(key) : this.store.getRecord(key);
  }

  async #adopt(batch: { source: string; digest: string }[]): Promise<void> {
    try {
      await adoptFiles(this.store.objects, batch);
    } catch (error) {
      throw explain(this.store.folder, "write to the store", error);
    }
  }

  #record(key: string): WaitingRecord {
    const record = this.#records.get(key);
    if (record === undefined) throw new RangeError(`Cannot find the record of ${key}`);
    return record;
  }

  #writing(step: () => void): void {
    explained(this.store.folder, "write to the store", step);
  }

  #bad(problem: string): Error {
    return badArchive(this.archive, problem);
  }

  #wrong(name: string): Error {
    return this.#bad(`its entry "${name}" does not have the content that it should have`);
  }
}

async function readBytes(
  archive: string,
  { name, size, pieces }: ArchiveEntry,
  largest: number,
): Promise<Uint8Array> {
  if (size > largest) throw badArchive(archive, `its entry "${name}" is too large to be one`);
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const piece of pieces) {
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes;
}

async function readText(archive: string, entry: ArchiveEntry, largest: number): Promise<string> {
  return new TextDecoder().decode(await readBytes(archive, entry, largest));
}
