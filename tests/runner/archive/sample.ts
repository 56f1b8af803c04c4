/**
 * A small archive as export makes it, and ways to make others of it.
 *
 * @module
 */
import { collectResults, contentEntries, recordEntries } from "../../../runner/archive/collect.ts";
import { importArchive, type Imported } from "../../../runner/archive/import_archive.ts";
import {
  codeEntry,
  encodeManifest,
  MANIFEST,
  type Manifest,
  RUN,
} from "../../../runner/archive/manifest.ts";
import { EarlierRecords } from "../../../runner/explain/earlier_records.ts";
import { keyOf } from "../../../runner/plan/key.ts";
import { digestModule } from "../../../runner/plan/module_facts.ts";
import type { KeyMaterial } from "../../../runner/plan/record.ts";
import { encodeRun, type RunRecord } from "../../../runner/runs/run_record.ts";
import { digestBytes } from "../../../runner/store/digest.ts";
import { Store } from "../../../runner/store/store.ts";
import { testFolder } from "../../helpers/folder.ts";
import { type TarEntry, tarFile } from "../../helpers/tar.ts";

/** An entry of an archive in memory. */
export type Entry = Omit<TarEntry, "content"> & { content: Uint8Array };

/** Id of the run. */
export const ID = "20260101-000000-aaaa";

const PATH = "stages/make.ts";
const CODE = new TextEncoder().encode("export default 1;\n");

/** Key of its one result. */
export const { key, material } = await sampleKey();

async function sampleKey(): Promise<{ key: string; material: KeyMaterial }> {
  const material: KeyMaterial = {
    format: 1,
    stage: { name: "make", version: 1 },
    code: { [PATH]: await digestModule(PATH, CODE) },
    params: { n: 1 },
    inputs: {},
    runtime: {},
  };
  return { key: keyOf(material), material };
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The entries of a right archive: manifest, run, record, module, contents. */
export async function sampleEntries(): Promise<Entry[]> {
  using temp = testFolder({ "out/a.txt": "alpha", "out/deep/b.txt": "beta", "log": "a log\n" });
  using store = Store.open(`${temp.path}/store`);
  const outputs = { made: await store.ingest(`${temp.path}/out`) };
  const log = store.putFile(`${temp.path}/log`);
  const host = { name: "here", cpu: "any", os: "linux" };
  const times = { startedAt: "2026-01-01T00:00:00.000Z", seconds: 1.5 };
  const madeBy = { pipeline: "tiny", id: "it" };
  const result = { key, material, outputs, log, host, ...times, madeBy };
  store.putRecord({ ...result, metrics: { AP: 47.5 }, tables: [], curves: {} });
  const run: RunRecord = {
    format: 1,
    id: ID,
    pipeline: "tiny",
    file: "pipelines/tiny.yaml",
    profile: "default",
    sets: [],
    params: {},
    ...times,
    endedAt: "2026-01-01T00:00:02.000Z",
    status: "ok",
    host,
    deno: "2",
    runtime: { backend: "none", version: "" },
    stages: [{
      id: "it",
      uses: "make",
      status: "ran",
      key,
      reason: "never run before",
      seconds: 1.5,
      outputs,
      metrics: { AP: 47.5 },
      aliases: [],
      attempts: 1,
    }],
  };
  const records = new EarlierRecords(store);
  const { results } = collectResults(store, records, [{ id: "it", key }], "all");
  const stored = [...recordEntries(results), ...contentEntries(store, results)].map((
    { name, source },
  ): Entry => ({
    name,
    content: source instanceof Uint8Array ? source : Deno.readFileSync(source.path),
  }));
  const runText = encodeRun(run);
  const rest = [
    { name: RUN, content: bytes(runText) },
    { name: codeEntry(PATH), content: CODE },
    ...stored,
  ];
  const manifest: Manifest = {
    format: 1,
    run: { id: ID, digest: digestBytes(runText) },
    pipeline: "tiny",
    file: "pipelines/tiny.yaml",
    results: [{ key, id: "it", files: true }],
    missing: [],
    code: [{ path: PATH, digest: digestBytes(CODE), size: CODE.length }],
    leftOut: [],
    entries: rest.length,
  };
  return [{ name: MANIFEST, content: bytes(encodeManifest(manifest)) }, ...rest];
}

/** The same entries with another manifest. */
export function withManifest(entries: Entry[], change: (manifest: Manifest) => unknown): Entry[] {
  const { sha256: _, ...manifest } = JSON.parse(new TextDecoder().decode(entries[0].content));
  change(manifest);
  return [{ ...entries[0], content: bytes(encodeManifest(manifest)) }, ...entries.slice(1)];
}

/** The tar file of entries. */
export function pack(entries: Entry[]): Promise<Uint8Array> {
  return tarFile(entries.map((entry) => ({ mtime: new Date(0), ...entry })));
}

/** Imports without anything to show, and nobody to stop it. */
export function importFrom(store: Store, archive: string): Promise<Imported> {
  const { signal } = new AbortController();
  return importArchive(store, archive, { signal, onProgress() {}, code: true });
}
