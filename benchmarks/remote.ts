/**
 * What sharing a folder of many small files through a local nginx takes:
 * `deno run -A benchmarks/remote.ts [files]`. On a real network the number of requests counts for
 * more than here, where each takes a fraction of a millisecond.
 *
 * @module
 */
import { digestBytes } from "../runner/store/digest.ts";
import { machine, wanted } from "../tests/runner/store/remote/sample.ts";
import { nginx } from "../tests/helpers/nginx.ts";

/** Bytes of a file. */
const SIZE = 200;

const FILES = Number(Deno.args[0] ?? 20_000);

async function seconds(what: string, work: () => Promise<boolean>): Promise<void> {
  const begun = performance.now();
  if (!await work()) throw new Error(`Cannot ${what}`);
  console.log(`${what.padEnd(12)} ${((performance.now() - begun) / 1000).toFixed(1)} s`);
}

await using server = await nginx();
using here = machine();
using there = machine();
const files = Object.fromEntries(
  Array.from({ length: FILES }, (_, n) => {
    const noise = [0, 1, 2, 3].map((i) => digestBytes(`${n} ${i}`)).join("");
    return [`${n % 100}/${n}.txt`, noise.slice(0, SIZE)];
  }),
);
const record = await here.make(files);
await seconds("give", async () => await here.remote(server.url).give(record));
await seconds("give again", async () => await here.remote(server.url).give(record));
await seconds("fetch", async () => await there.remote(server.url).fetch(wanted) !== undefined);

const entries = [...Deno.readDirSync(`${server.data}/cas`)];
const bytes = entries.reduce((sum, { name }) => {
  return sum + Deno.statSync(`${server.data}/cas/${name}`).size;
}, 0);
console.log(`${entries.length} contents on the server, ${(bytes / 1e6).toFixed(1)} MB`);
