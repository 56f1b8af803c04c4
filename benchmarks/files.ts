/**
 * What many small files cost, and large ones: `deno run -A benchmarks/files.ts [files] [MiB]`.
 * Beside each figure stands what the same takes without a store.
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

async function time(what: string, work: () => unknown): Promise<void> {
  const since = performance.now();
  await work();
  const seconds = ((performance.now() - since) / 1000).toFixed(2);
  const mebibytes = (Deno.memoryUsage().rss / 2 ** 20).toFixed(0);
  console.log(`${what.padEnd(44)} ${seconds.padStart(7)} s ${mebibytes.padStart(6)} MiB`);
}

async function main(count: number, mebibytes: number): Promise<void> {
  const home = Deno.makeTempDirSync({ prefix: "files-" });
  try {
    using store = Store.open(`${home}/store`);
    const folder = `${home}/in`;
    makeFiles(folder, count);
    await new Promise((resolve) => setTimeout(resolve, 2500)); // until their times can be trusted
    console.log(`${count} files of ${SMALL} bytes`);
    await time("  list and stat", () => stats(folder));
    await time("  read and hash", () => hashes(folder));
    await time("digest of a folder, first time", () => store.digestPath(folder));
    await time("digest of a folder, nothing changed", () => store.digestPath(folder));
    Deno.writeTextFileSync(`${folder}/0/0.bin`, "changed");
    await time("digest of a folder, one file changed", () => store.digestPath(folder));
    let tree = "";
    await time("into the store", async () => tree = await store.ingest(folder));
    await time("out of it", () => store.materialise(tree));
    await time("out of it again", () => store.materialise(tree));

    console.log(`\none file of ${mebibytes} MiB`);
    const large = `${home}/large`;
    const chunk = new Uint8Array(2 ** 20).map((_, i) => i * 7);
    for (let i = 0; i < mebibytes; i++) Deno.writeFileSync(large, chunk, { append: true });
    await time("  hash in memory, piece by piece", () => {
      const hash = createHash("sha256");
      for (let i = 0; i < mebibytes; i++) hash.update(chunk);
      hash.digest();
    });
    await time("digest of the file", () => digestFile(large));
    Deno.mkdirSync(`${home}/out`);
    Deno.renameSync(large, `${home}/out/large`);
    await time("into the store", async () => tree = await store.ingest(`${home}/out`));
    await time("out of it", () => store.materialise(tree));
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 120_000), Number(Deno.args[1] ?? 1024));
