import assert from "node:assert/strict";
import { digestBytes } from "../../../runner/store/digest.ts";
import { FileList } from "../../../runner/store/file_list.ts";
import {
  encodeMemory,
  type FolderMemory,
  readMemory,
} from "../../../runner/store/folder_memory.ts";
import { AtomicFiles } from "../../../runner/store/files.ts";
import { CLOCK_GRAIN, digestFolder } from "../../../runner/store/path_digests.ts";
import { Store } from "../../../runner/store/store.ts";
import { testFolder } from "../../helpers/folder.ts";

Deno.test("the digest of a folder outside the store is that of the same folder inside", async () => {
  using temp = testFolder({ "in/x.txt": "x", "in/sub/y.txt": "y" });
  Deno.mkdirSync(`${temp.path}/in/empty`);
  using store = Store.open(`${temp.path}/store`);
  const digest = store.digestPath(`${temp.path}/in`);
  assert.equal(digest, await store.ingest(`${temp.path}/in`));
});

Deno.test("the digest of a file is that of its content, whatever its name and mode", () => {
  using temp = testFolder({ "x.txt": "x", "y.txt": "x" });
  Deno.chmodSync(`${temp.path}/y.txt`, 0o755);
  using store = Store.open(`${temp.path}/store`);
  assert.equal(store.digestPath(`${temp.path}/x.txt`), digestBytes("x"));
  assert.equal(store.digestPath(`${temp.path}/y.txt`), digestBytes("x"));
});

Deno.test("an unchanged file is not read again, a changed one is", () => {
  using temp = testFolder({ "in/x.txt": "x", "in/y.txt": "y" });
  const [folder, cache] = [`${temp.path}/in`, `${temp.path}/cache`];
  const files = new AtomicFiles(`${temp.path}/tmp`);
  const later = Date.now() + CLOCK_GRAIN + 2000;
  const read = () => digestFolder(folder, cache, files, later);
  const first = read();

  // Proof that the second time only stats count: a lie in the cache is believed.
  const [file] = [...Deno.readDirSync(cache)].map(({ name }) => `${cache}/${name}`);
  const known = readMemory(file);
  const lie = (memory: FolderMemory) => Deno.writeFileSync(file, encodeMemory(memory));
  lie({ ...known, root: "of the folder" });
  assert.equal(read(), "of the folder");
  const { paths, numbers, digests } = known.files.columns();
  const y = 32 * paths.indexOf("y.txt");
  const lies = digests.slice();
  lies.set(Uint8Array.fromHex(digestBytes("z")), y);
  lie({ ...known, files: new FileList(5, { paths, numbers, digests: lies }) });
  assert.equal(read(), first);
  temp.write({ "in/new.txt": "" });
  const lied = read();
  lie(known);
  Deno.writeTextFileSync(`${folder}/y.txt`, "z");
  assert.equal(read(), lied);
});

Deno.test("a file younger than the clock's grain is read again although its stat is the same", () => {
  using temp = testFolder({ "in/x.txt": "x" });
  const files = new AtomicFiles(`${temp.path}/tmp`);
  const read = () => digestFolder(`${temp.path}/in`, `${temp.path}/cache`, files, Date.now());
  const time = new Date();
  Deno.utimeSync(`${temp.path}/in/x.txt`, time, time);
  const first = read();
  Deno.writeTextFileSync(`${temp.path}/in/x.txt`, "y"); // as long as before, in the same tick
  Deno.utimeSync(`${temp.path}/in/x.txt`, time, time);
  assert.notEqual(read(), first);
});

Deno.test("a broken cache is no cache, wherever it is broken", () => {
  using temp = testFolder({ "in/x.txt": "x" });
  const files = new AtomicFiles(`${temp.path}/tmp`);
  const later = Date.now() + CLOCK_GRAIN + 2000;
  const read = () => digestFolder(`${temp.path}/in`, `${temp.path}/cache`, files, later);
  const first = read();
  const [{ name }] = [...Deno.readDirSync(`${temp.path}/cache`)];
  const whole = Deno.readFileSync(`${temp.path}/cache/${name}`);
  for (let at = 0; at < whole.length; at++) {
    Deno.writeFileSync(`${temp.path}/cache/${name}`, whole.with(at, whole[at] ^ 1));
    assert.equal(read(), first, `byte ${at} flipped`);
    Deno.writeFileSync(`${temp.path}/cache/${name}`, whole.subarray(0, at));
    assert.equal(read(), first, `cut after ${at} bytes`);
  }
});

Deno.test("links count as what they lead to", () => {
  using temp = testFolder({ "plain/x.txt": "x", "linked/.keep": "" });
  Deno.removeSync(`${temp.path}/linked/.keep`);
  Deno.symlinkSync("../plain/x.txt", `${temp.path}/linked/x.txt`);
  using store = Store.open(`${temp.path}/store`);
  const digest = store.digestPath(`${temp.path}/linked`);
  assert.equal(digest, store.digestPath(`${temp.path}/plain`));
  Deno.writeTextFileSync(`${temp.path}/plain/x.txt`, "y");
  assert.notEqual(store.digestPath(`${temp.path}/linked`), digest);
});

Deno.test("a link into nothing, a circle, and a missing path are errors with their names", () => {
  using temp = testFolder({ "circle/x.txt": "x", "dangling/x.txt": "x" });
  Deno.symlinkSync(".", `${temp.path}/circle/again`);
  Deno.symlinkSync("nowhere", `${temp.path}/dangling/link`);
  using store = Store.open(`${temp.path}/store`);
  assert.throws(() => store.digestPath(`${temp.path}/circle`), {
    name: "UserError",
    message: `Cannot read ${temp.path}/circle/again: the link leads back to where it lies`,
  });
  for (const name of ["dangling", "missing"]) {
    assert.throws(() => store.digestPath(`${temp.path}/${name}`), {
      name: "UserError",
      message: `Cannot read ${temp.path}/${name}: it, or what a link in it points to, is not there`,
    });
  }
});
