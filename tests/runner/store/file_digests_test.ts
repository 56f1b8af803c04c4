import assert from "node:assert/strict";
import { digestBytes } from "../../../runner/store/digest.ts";
import { FileDigests } from "../../../runner/store/file_digests.ts";
import { AtomicFiles } from "../../../runner/store/files.ts";
import { CLOCK_GRAIN } from "../../../runner/store/path_digests.ts";
import { type TestFolder, testFolder } from "../../helpers/folder.ts";

/** What another process would find. */
function open({ path }: TestFolder): FileDigests {
  return new FileDigests(`${path}/cache/files`, new AtomicFiles(`${path}/tmp`));
}

/** Digest of a file as if it were read later, when its time can be trusted. */
async function read(digests: FileDigests, path: string, learn = true): Promise<string> {
  const now = Date.now() + CLOCK_GRAIN + 2000;
  const digest = digests.digest(path, Deno.statSync(path), { learn, now });
  await Promise.resolve(); // what was learnt is written when the turn is over
  return digest;
}

Deno.test("an unchanged file is not read again by another process, a changed one is", async () => {
  using temp = testFolder({ "x.txt": "x" });
  const file = `${temp.path}/x.txt`;
  assert.equal(await read(open(temp), file), digestBytes("x"));

  // Proof that only its stat counts: a lie with the right seal is believed.
  const cache = `${temp.path}/cache/files`;
  const [, , line] = Deno.readTextFileSync(cache).split("\n");
  const lie = line.replace(digestBytes("x"), digestBytes("y"));
  Deno.writeTextFileSync(cache, `\n${digestBytes(lie)}\n${lie}\n`);
  assert.equal(await read(open(temp), file), digestBytes("y"));

  Deno.writeTextFileSync(file, "longer");
  assert.equal(await read(open(temp), file), digestBytes("longer"));
});

Deno.test("a file younger than the clock's grain is read again although its stat is the same", () => {
  using temp = testFolder({ "x.txt": "x" });
  const file = `${temp.path}/x.txt`;
  const digests = open(temp);
  const info = Deno.statSync(file);
  assert.equal(digests.digest(file, info, { learn: true }), digestBytes("x"));
  Deno.writeTextFileSync(file, "y");
  assert.equal(digests.digest(file, info, { learn: true }), digestBytes("y"));
});

Deno.test("nothing is written where nothing may be learnt", async () => {
  using temp = testFolder({ "x.txt": "x" });
  await read(open(temp), `${temp.path}/x.txt`, false);
  assert.throws(() => Deno.statSync(`${temp.path}/cache`), Deno.errors.NotFound);
});

Deno.test("wherever what is known is broken, nothing wrong is believed", async () => {
  using temp = testFolder({ "x.txt": "x", "y.txt": "y" });
  const cache = `${temp.path}/cache/files`;
  for (const name of ["x", "y"]) await read(open(temp), `${temp.path}/${name}.txt`);
  const whole = Deno.readFileSync(cache);
  for (let at = 0; at < whole.length; at += 7) {
    for (const broken of [whole.with(at, whole[at] ^ 1), whole.subarray(0, at)]) {
      Deno.writeFileSync(cache, broken);
      for (const name of ["x", "y"]) {
        assert.equal(await read(open(temp), `${temp.path}/${name}.txt`), digestBytes(name));
      }
    }
  }
});

Deno.test("many additions become one, without files that are gone", async () => {
  using temp = testFolder({ "gone.txt": "gone" });
  const cache = `${temp.path}/cache/files`;
  await read(open(temp), `${temp.path}/gone.txt`);
  Deno.removeSync(`${temp.path}/gone.txt`);
  for (let i = 0; i < 50; i++) {
    temp.write({ [`${i}.txt`]: String(i) });
    await read(open(temp), `${temp.path}/${i}.txt`);
  }
  assert.equal(Deno.readTextFileSync(cache).split("\n").length, 51 * 3 + 1);
  temp.write({ "50.txt": "50" });
  await read(open(temp), `${temp.path}/50.txt`);
  const [, , line] = Deno.readTextFileSync(cache).split("\n");
  const entries: string[][] = JSON.parse(line);
  assert.deepEqual(
    entries.map(([path]) => path),
    Array.from({ length: 50 }, (_, i) => `${temp.path}/${i}.txt`),
  );
});
