/**
 * Fetches a result from a shared folder and tries to give one, as a user who may only read.
 *
 * @module
 */
import process from "node:process";
import { keyOf } from "../../../../runner/plan/key.ts";
import { openPlace } from "../../../../runner/store/remote/address.ts";
import { RemoteCache } from "../../../../runner/store/remote/remote.ts";
import { Store } from "../../../../runner/store/store.ts";
import { material, wanted } from "./sample.ts";

const NOBODY = 65534;
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);

const [shared, folder] = Deno.args;
using store = Store.open(`${folder}/store`);
const told: string[] = [];
using remote = new RemoteCache(openPlace(shared, undefined), {
  store,
  readOnly: false,
  notify: (text) => told.push(text),
  stop: new AbortController().signal,
});
const record = await remote.fetch(wanted);
const other = { ...material, params: { n: 2 } };
const given = record && await remote.give({ ...record, key: keyOf(other), material: other });
console.log(JSON.stringify({ fetched: record !== undefined, given, told }));
