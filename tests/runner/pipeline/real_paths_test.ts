import assert from "node:assert/strict";
import { RealPaths } from "../../../runner/pipeline/real_paths.ts";
import { testFolder } from "../../helpers/folder.ts";

Deno.test("paths lead where the system says, through links of files and of folders", () => {
  using temp = testFolder({ "a/x.txt": "x", "a/b/y.txt": "y" });
  const { path } = temp;
  Deno.symlinkSync("x.txt", `${path}/a/link.txt`);
  Deno.symlinkSync("a/b", `${path}/folder`);
  Deno.symlinkSync("nowhere", `${path}/a/dangling`);
  const real = new RealPaths();
  const many = Array.from({ length: 40 }, (_, i) => `many/${i}.txt`);
  temp.write(Object.fromEntries(many.map((name) => [name, ""])));
  Deno.symlinkSync("../a/x.txt", `${path}/many/link.txt`);
  assert.deepEqual(
    many.map((name) => real.of(`${path}/${name}`)),
    many.map((name) => `${path}/${name}`),
  );
  assert.equal(real.of(`${path}/many/link.txt`), `${path}/a/x.txt`);
  assert.equal(real.of(`${path}/many/none.txt`), undefined);
  for (const name of ["a", "a/x.txt", "a/b/y.txt", "a/link.txt", "folder", "folder/y.txt"]) {
    assert.equal(real.of(`${path}/${name}`), Deno.realPathSync(`${path}/${name}`), name);
  }
  for (const name of ["a/dangling", "a/none", "none/x.txt", "a/x.txt/below"]) {
    assert.equal(real.of(`${path}/${name}`), undefined, name);
  }
  assert.equal(real.of("/"), "/");
  assert.equal(real.of("/tmp"), Deno.realPathSync("/tmp"));
});
