/**
 * Photos as they are named, and results as they are copied.
 *
 * @module
 */
import assert from "node:assert/strict";
import { UserError } from "../../runner/diagnostic.ts";
import { copyResults } from "../../tools/shared/copy_results.ts";
import { findPhotos } from "../../tools/shared/find_photos.ts";
import { readFolder, testFolder } from "../helpers/folder.ts";

Deno.test("no two photos are called the same, and folders give their pictures in order", () => {
  using folder = testFolder({
    "one/b.JPG": "",
    "one/a.png": "",
    "one/note.txt": "",
    "one/below/c.png": "",
    "two/a.jpeg": "",
    "odd name; x.jpg": "",
  });
  const at = (name: string) => `${folder.path}/${name}`;
  assert.deepEqual(findPhotos([at("one"), at("two/a.jpeg"), at("odd name; x.jpg")]), [
    { path: at("one/a.png"), name: "a" },
    { path: at("one/b.JPG"), name: "b" },
    { path: at("two/a.jpeg"), name: "a~2" },
    { path: at("odd name; x.jpg"), name: "odd_name_x" },
  ]);
});

Deno.test("a copy replaces what an earlier copy has written, and only that", () => {
  using folder = testFolder({ "new/a.txt": "1", "new/b.txt": "2" });
  const [from, to] = [`${folder.path}/new`, `${folder.path}/out`];
  assert.deepEqual(copyResults(from, to), [`${to}/a.txt`, `${to}/b.txt`]);
  folder.write({ "new/a.txt": "3", "out/own.txt": "mine" });
  copyResults(from, to);
  folder.write({ "new/own.txt": "theirs" });
  assert.throws(() => copyResults(from, to), (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.message, `${to} has files that were not made here: own.txt`);
    return true;
  });
  const { ".written_by_sr4ir": list, ...files } = readFolder(to);
  assert.deepEqual(files, { "a.txt": "3", "b.txt": "2", "own.txt": "mine" });
  assert.equal(list, "a.txt\nb.txt\n");
});

Deno.test("read-only originals give copies that may be written, and a file is no folder", () => {
  using folder = testFolder({ "new/a.txt": "1", "file": "" });
  Deno.chmodSync(`${folder.path}/new/a.txt`, 0o444);
  const [copy] = copyResults(`${folder.path}/new`, `${folder.path}/out`);
  assert.equal((Deno.statSync(copy).mode ?? 0) & 0o777, 0o644);
  assert.throws(() => copyResults(`${folder.path}/new`, `${folder.path}/file`), {
    name: "UserError",
    message: `${folder.path}/file is a file, or lies below one; expected a folder`,
  });
});
