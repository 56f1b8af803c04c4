import assert from "node:assert/strict";
import { verifyStore } from "../../../../runner/store/care/verify.ts";
import { digestBytes } from "../../../../runner/store/digest.ts";
import { Store } from "../../../../runner/store/store.ts";
import { readFolder, testFolder } from "../../../helpers/folder.ts";
import { filesOf, keyOf, make } from "./made.ts";

const own = digestBytes("own 1");
const all = digestBytes("all");

/** Writes to a stored file as a careless program does, keeping its size and its time. */
function overwrite(path: string, text: string): void {
  const { mtime } = Deno.statSync(path);
  Deno.chmodSync(path, 0o644);
  Deno.writeTextFileSync(path, text);
  Deno.utimeSync(path, mtime ?? 0, mtime ?? 0);
}

Deno.test("a whole store is whole, and how much was read is told", async () => {
  using temp = testFolder();
  using store = Store.open(`${temp.path}/store`);
  for (const n of [0, 1]) await store.materialise((await make(store, n)).outputs.made);
  const heard: [number, number][] = [];
  const verified = await verifyStore(store, (done, total) => heard.push([done, total]));
  assert.deepEqual(verified, { findings: [], results: 2, contents: 7, bytes: verified.bytes });
  assert.deepEqual(heard.at(-1), [verified.bytes, verified.bytes]);
  assert.deepEqual(await verifyStore(store), verified);
});

Deno.test("content that has rotted is named with all that needs it, and set aside", async () => {
  using temp = testFolder();
  using store = Store.open(`${temp.path}/store`);
  for (const n of [0, 1]) await make(store, n);
  overwrite(store.objectPath(all), "ill");
  const { findings } = await verifyStore(store);
  assert.deepEqual(findings, [{
    what: store.objects.name(all),
    problem: "does not have the content that its name says",
    affects: ["numbers: n0", "numbers: n1"],
  }]);
  assert.equal([...Deno.readDirSync(`${store.folder}/quarantine`)].length, 1);
  // What is made anew mends both.
  await make(store, 0);
  assert.deepEqual((await verifyStore(store)).findings, []);
  assert.equal(store.lookup(keyOf(1)).status, "found");
});

Deno.test("a lost content, a lost list and a broken record are told apart", async () => {
  using temp = testFolder();
  using store = Store.open(`${temp.path}/store`);
  const [, , two] = [await make(store, 0), await make(store, 1), await make(store, 2)];
  const record = `actions/${keyOf(0).slice(0, 2)}/${keyOf(0)}.json`;
  overwrite(`${store.folder}/${record}`, "{}");
  Deno.removeSync(store.objectPath(own));
  Deno.removeSync(store.objectPath(two.outputs.made));
  const { findings } = await verifyStore(store);
  assert.deepEqual(
    findings.sort((a, b) => a.what < b.what ? -1 : 1),
    [
      { what: record, problem: "does not have the content that was written", affects: [] },
      { what: store.objects.name(own), problem: "is missing", affects: ["numbers: n1"] },
      {
        what: store.objects.name(two.outputs.made),
        problem: "is missing",
        affects: ["numbers: n2"],
      },
    ].sort((a, b) => a.what < b.what ? -1 : 1),
  );
  assert.equal(store.lookup(keyOf(0)).status, "absent");
});

Deno.test("a folder of links with a file too many is set aside, and made anew on demand", async () => {
  using temp = testFolder();
  using store = Store.open(`${temp.path}/store`);
  const { outputs } = await make(store, 1);
  const folder = await store.materialise(outputs.made);
  Deno.writeTextFileSync(`${folder}/more.txt`, "more");
  const { findings } = await verifyStore(store);
  assert.deepEqual(findings, [{
    what: `trees/${outputs.made}`,
    problem: "does not have the files that its list says",
    affects: ["numbers: n1"],
  }]);
  assert.throws(() => Deno.statSync(folder), Deno.errors.NotFound);
  assert.deepEqual(readFolder(await store.materialise(outputs.made)), filesOf(1));
});
