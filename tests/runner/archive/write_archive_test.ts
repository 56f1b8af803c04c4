/**
 * Archives are written whole, or not at all.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type EntryToWrite, writeArchive } from "../../../runner/archive/write_archive.ts";
import { digestBytes } from "../../../runner/store/digest.ts";
import { readFolder, testFolder } from "../../helpers/folder.ts";
import { tarFile } from "../../helpers/tar.ts";

const unhindered = { signal: new AbortController().signal, onProgress() {} };

function entry(name: string, path: string, text: string): EntryToWrite {
  return { name, size: text.length, digest: digestBytes(text), source: { path } };
}

Deno.test("an archive has its entries in their order, of nobody and of no time", async () => {
  using temp = testFolder({ "a": "alpha", "empty": "" });
  const long = `code/${"folder/".repeat(30)}ü.ts`;
  const source = new TextEncoder().encode("text");
  const entries = [
    { name: long, size: 4, digest: digestBytes(source), source },
    entry("objects/a", `${temp.path}/a`, "alpha"),
    entry("objects/empty", `${temp.path}/empty`, ""),
  ];
  const size = await writeArchive(`${temp.path}/x.tar`, entries, unhindered);
  const written = Deno.readFileSync(`${temp.path}/x.tar`);
  assert.equal(written.length, size);
  const mtime = new Date(0);
  assert.deepEqual(
    written,
    await tarFile([
      { name: long, content: "text", mtime },
      { name: "objects/a", content: "alpha", mtime },
      { name: "objects/empty", mtime },
    ]),
  );
});

Deno.test("a content that is not what it should be ends the export, and nothing stays", async () => {
  for (const text of ["alphA", "alph", "alphabet", ""]) {
    using temp = testFolder({ "a": text });
    const entries = [entry("objects/a", `${temp.path}/a`, "alpha")];
    await assert.rejects(writeArchive(`${temp.path}/x.tar`, entries, unhindered), {
      name: "UserError",
      message: `Cannot export ${temp.path}/a: it does not have the content that its digest says`,
    });
    assert.deepEqual(readFolder(temp.path), { a: text });
  }
  using temp = testFolder();
  const gone = [entry("objects/a", `${temp.path}/a`, "alpha")];
  await assert.rejects(writeArchive(`${temp.path}/x.tar`, gone, unhindered), {
    message: `Cannot read ${temp.path}/a: it was removed meanwhile`,
  });
  assert.deepEqual(readFolder(temp.path), {});
});

Deno.test("stopped on the way, nothing stays", async () => {
  const large = "x".repeat(3_000_000);
  using temp = testFolder({ "a": large });
  const stop = new AbortController();
  const entries = [entry("objects/a", `${temp.path}/a`, large)];
  await assert.rejects(
    writeArchive(`${temp.path}/x.tar`, entries, {
      signal: stop.signal,
      onProgress: () => stop.abort(),
    }),
    { name: "AbortError" },
  );
  assert.deepEqual(Object.keys(readFolder(temp.path)), ["a"]);
});

Deno.test("what a killed export has left is written over", async () => {
  using temp = testFolder({ "a": "alpha", "x.tar.part": "y".repeat(100_000) });
  const entries = [entry("objects/a", `${temp.path}/a`, "alpha")];
  const size = await writeArchive(`${temp.path}/x.tar`, entries, unhindered);
  assert.deepEqual(Object.keys(readFolder(temp.path)).sort(), ["a", "x.tar"]);
  assert.equal(Deno.statSync(`${temp.path}/x.tar`).size, size);
});
