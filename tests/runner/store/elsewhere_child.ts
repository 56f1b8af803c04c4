/**
 * Ingests a folder in memory into the store given as argument, and prints the digest. A process of its
 * own, because Deno lets only those with all permissions into /dev.
 *
 * @module
 */
import { Store } from "../../../runner/store/store.ts";

const folder = Deno.makeTempDirSync({ dir: "/dev/shm" });
Deno.writeTextFileSync(`${folder}/x.txt`, "x");
using store = Store.open(Deno.args[0]);
console.log(await store.ingest(folder));
