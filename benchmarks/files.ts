/**
 * What many small files cost, and large ones: `deno run -A benchmarks/files.ts [files] [MiB]`.
 * Beside each figure stands what the same takes without a store. Each is measured in a process of its
 * own; its memory is the most that was resident at any moment.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { digestFile } from "../runner/store/digest.ts";
import { Store } from "../runner/store/store.ts";

const FOLDERS = 120;
/** Bytes of a small file. */
const SMALL = 200;

function makeFiles(folder: string, count: number): void {
  const bytes = new Uint8Array(SMALL);
  for (let i = 0; i < count; i++) {
    const inner = `${folder}/${i % FOLDERS}`;
    if (i < FOLDERS) Deno.mkdirSync(inner, { recursive: true });
    new DataView(bytes.buffer).setUint32(0, i);
    Deno.writeFileSync(`${inner}/${i}.bin`, bytes);
  }
}

/** Lists and stats everything, as any tool must. */
function stats(folder: string): number {
  let count = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) count += stats(`${folder}/${name}`);
    else if (Deno.statSync(`${folder}/${name}`).isFile) count++;
  }
  return count;
}

/** Reads and hashes everything. */
function hashes(folder: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) hashes(`${folder}/${name}`);
    else createHash("sha256").update(Deno.readFileSync(`${folder}/${name}`)).digest();
  }
}

/** Hashes pieces of memory, as many as a large file has. */
function hashesInMemory(mebibytes: number): void {
  const hash = createHash("sha256");
  const chunk = piece();
  for (let i = 0; i < mebibytes; i++) hash.update(chunk);
  hash.digest();
}

function makeLarge(path: string, mebibytes: number): void {
  const chunk = piece();
  for (let i = 0; i < mebibytes; i++) Deno.writeFileSync(path, chunk, { append: true });
}

/** One mebibyte. */
function piece(): Uint8Array {
  return new Uint8Array(2 ** 20).map((_, i) => i * 7);
}

type Step = (home: string, store: Store, mebibytes: number) => unknown;

/** Digest of the tree that was stored last. */
const treeOf = (home: string) => Deno.readTextFileSync(`${home}/tree`);

async function ingest(home: string, store: Store, folder: string): Promise<void> {
  Deno.writeTextFileSync(`${home}/tree`, await store.ingest(folder));
}

/** What is measured, by what it is called. */
const SMALL_STEPS: Record<string, Step> = {
  "  list and stat": (home) => stats(`${home}/in`),
  "  read and hash": (home) => hashes(`${home}/in`),
  "digest of a folder, first time": (home, store) => store.digestPath(`${home}/in`),
  "digest of a folder, nothing changed": (home, store) => store.digestPath(`${home}/in`),
  "digest of a folder, one file changed": (home, store) => store.digestPath(`${home}/in`),
  "into the store": (home, store) => ingest(home, store, `${home}/in`),
  "out of it": (home, store) => store.materialise(treeOf(home)),
  "out of it again": (home, store) => store.materialise(treeOf(home)),
};

const LARGE_STEPS: Record<string, Step> = {
  "  hash in memory, piece by piece": (_home, _store, mebibytes) => hashesInMemory(mebibytes),
  "digest of the file": (home) => digestFile(`${home}/out/large`),
  "into the store": (home, store) => ingest(home, store, `${home}/out`),
  "out of it": (home, store) => store.materialise(treeOf(home)),
};

/** Most memory that this process has had resident, in MiB; not known everywhere. */
function peak(): string {
  const status = Deno.readTextFileSync("/proc/self/status");
  return (Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) / 1024).toFixed(0);
}

/** Runs one step in this process and prints what it took. */
async function measure(what: string, step: Step, home: string, mebibytes: number): Promise<void> {
  using store = Store.open(`${home}/store`);
  const since = performance.now();
  await step(home, store, mebibytes);
  const seconds = ((performance.now() - since) / 1000).toFixed(2);
  console.log(`${what.padEnd(44)} ${seconds.padStart(7)} s ${peak().padStart(6)} MiB`);
}

/** As the runner is started. */
const FLAGS = "--v8-flags=--max-semi-space-size=4,--heap-growing-percent=100";

/** Runs one step in a process of its own, so that its memory is its own. */
function inProcess(group: string, what: string, home: string, mebibytes: number): void {
  const script = import.meta.filename!;
  const { success } = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", FLAGS, script, "--step", group, what, home, String(mebibytes)],
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  if (!success) throw new Error(`Cannot measure ${what.trim()}`);
}

async function main(count: number, mebibytes: number): Promise<void> {
  const home = Deno.makeTempDirSync({ prefix: "files-" });
  try {
    makeFiles(`${home}/in`, count);
    await new Promise((resolve) => setTimeout(resolve, 2500)); // until their times can be trusted
    console.log(`${count} files of ${SMALL} bytes`);
    for (const what of Object.keys(SMALL_STEPS)) {
      if (what.includes("one file changed")) {
        Deno.writeTextFileSync(`${home}/in/0/0.bin`, "changed");
      }
      inProcess("small", what, home, mebibytes);
    }
    console.log(`\none file of ${mebibytes} MiB`);
    Deno.mkdirSync(`${home}/out`);
    makeLarge(`${home}/out/large`, mebibytes);
    for (const what of Object.keys(LARGE_STEPS)) inProcess("large", what, home, mebibytes);
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

if (import.meta.main) {
  const [first, group, what, home, mebibytes] = Deno.args;
  const steps = group === "small" ? SMALL_STEPS : LARGE_STEPS;
  if (first === "--step") await measure(what, steps[what], home, Number(mebibytes));
  else await main(Number(first ?? 120_000), Number(group ?? 1024));
}
