/**
 * Deno's log of accesses, and what it is compared with.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readAccesses } from "../../../runner/audit/access_log.ts";
import { compareAccesses, type Declared } from "../../../runner/audit/compare.ts";

Deno.test("readAccesses() knows files by every name that the log gives them", () => {
  const log = [
    { permission: "import", value: "https://a.org/x.ts" },
    { permission: "read", value: "file:///no/such/module.ts" },
    { permission: "write", value: "file:///no/such/module.ts" },
    { permission: "read", value: "b.txt" },
    { permission: "net", value: "a.org:443" },
    { permission: "env", value: "HOME" },
    { permission: "sys", value: "hostname" },
    { permission: "ffi", value: null },
  ].map((line) => JSON.stringify({ v: 1, ...line })).join("\n");
  assert.deepEqual(readAccesses(`${log}\n{"v":1,"perm`, "/no/such"), {
    files: ["/no/such/module.ts", "/no/such/b.txt"],
    hosts: ["a.org:443"],
    variables: ["HOME"],
    native: true,
    system: ["hostname"],
  });
});

Deno.test("readAccesses() gives the file behind a link", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.writeTextFile(`${folder}/a.txt`, "a");
    await Deno.symlink("a.txt", `${folder}/link`);
    const { files } = readAccesses(`{"permission":"read","value":"${folder}/link"}`, "/");
    assert.deepEqual(files, [`${folder}/a.txt`]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a host without a port is declared for all its ports, and a folder for all in it", () => {
  const declared: Declared = {
    given: ["/p/code.ts"],
    inputs: { used: ["/s/1"], unused: ["/s/2"], many: ["/s/3", "/s/4"] },
    externals: { data: "/data" },
    hosts: ["a.org", "b.org:80"],
    compute: true,
    images: false,
  };
  const touched = {
    files: ["/p/code.ts", "/s/1/a", "/s/12/a", "/s/4", "/data/x/y", "/data2"],
    hosts: ["a.org:443", "b.org:443"],
    variables: ["HOME", "SECRET"],
    native: false,
    system: [],
  };
  const findings = compareAccesses(declared, touched, {
    isThere: (path) => path !== "/data2",
    outside: new Set(["SECRET"]),
  });
  assert.deepEqual(findings, {
    files: ["/s/12/a"],
    absent: ["/data2"],
    hosts: ["b.org:443"],
    system: [],
    native: false,
    unused: { inputs: ["unused"], externals: [], hosts: ["b.org:80"], native: ["compute"] },
    hidden: ["SECRET"],
  });
});
