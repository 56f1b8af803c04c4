import assert from "node:assert/strict";
import { findEscape } from "../../../runner/execute/links.ts";
import type { StageRequest } from "../../../runner/execute/request.ts";
import { environment, permissionFlags } from "../../../runner/execute/sandbox.ts";
import type { StageContract } from "../../../runner/stage.ts";
import { instance } from "./instance.ts";

const REQUEST: StageRequest = {
  id: "it",
  entry: "/p/stages/some.ts",
  params: {},
  inputs: { from: { a: "/s/trees/1" } },
  outputs: { out: "/s/work/k/out/out" },
  scratch: "/s/work/k/scratch",
  checkpointSeconds: 30,
  events: "/s/work/k/events",
  cpus: 1,
};

function flags(contract: Partial<StageContract>, externals: string[] = []): string[] {
  return permissionFlags({
    instance: instance("it", {
      contract,
      externals: externals.map((path) => ({ at: ["path"], path })),
    }),
    request: REQUEST,
    requestFile: "/s/work/k/request.json",
    code: ["/p/stages/some.ts", "/p/runner/stage.ts"],
    packages: "/p/node_modules",
    inputs: ["/s/trees/1"],
    temporary: "/s/work/k/tmp",
    runtime: { env: { WHERE: "/lib/tf" }, read: ["/lib/tf"] },
  });
}

Deno.test("a plain stage reads its code, inputs and own folders, and writes its own folders", () => {
  assert.deepEqual(flags({}, ["/data/x"]), [
    "--allow-read=/data/x,/p/node_modules,/p/runner/stage.ts,/p/stages/some.ts,/s/trees/1," +
    "/s/work/k/out/out,/s/work/k/request.json,/s/work/k/scratch,/s/work/k/tmp",
    "--allow-write=/s/work/k/events,/s/work/k/out/out,/s/work/k/scratch,/s/work/k/tmp",
    "--allow-env",
  ]);
});

Deno.test("network and native code are for stages that declare them", () => {
  assert.ok(flags({ net: () => ["a.org", "b.org:80"] }).includes("--allow-net=a.org,b.org:80"));
  assert.ok(!flags({ net: () => [] }).some((flag) => flag.startsWith("--allow-net")));
  assert.ok(flags({ images: true }).includes("--allow-ffi=/p/node_modules"));
  assert.ok(!flags({ images: true })[0].includes("/lib/tf"));
  const compute = flags({ compute: true, images: true });
  assert.ok(compute.includes("--allow-ffi"));
  assert.ok(compute[0].includes("/lib/tf"));
});

Deno.test("a path with a comma is refused, because flags cannot say it", () => {
  assert.throws(() => flags({}, ["/data/a,b"]), {
    name: "RangeError",
    message: 'Cannot allow "/data/a,b": its path has a comma, which separates paths in ' +
      "permission flags; rename the folder",
  });
});

Deno.test("the environment has what was asked for and nothing else", () => {
  const here: Record<string, string> = { PATH: "/bin", HTTPS_PROXY: "http://p", SECRET: "s" };
  const of = (contract: Partial<StageContract>) =>
    environment(
      instance("it", { contract }),
      "/tmp/x",
      { env: { WHERE: "/lib/tf" }, read: [] },
      (name) => here[name],
    );
  assert.deepEqual(of({}), { TMPDIR: "/tmp/x", NO_COLOR: "1", PATH: "/bin" });
  assert.equal(of({ net: () => [] }).HTTPS_PROXY, "http://p");
  const compute = of({ compute: true });
  assert.equal(compute.WHERE, "/lib/tf");
  assert.equal(compute.TF_DETERMINISTIC_OPS, "1");
  assert.equal(compute.SECRET, undefined);
});

Deno.test("findEscape() finds links that lead out, and leaves those alone that stay inside", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${folder}/data/deep`, { recursive: true });
    await Deno.mkdir(`${folder}/data2`);
    await Deno.writeTextFile(`${folder}/data/a.txt`, "a");
    await Deno.symlink("../a.txt", `${folder}/data/deep/inside`);
    assert.equal(findEscape(`${folder}/data`), undefined);
    assert.equal(findEscape(`${folder}/data/a.txt`), undefined);

    await Deno.symlink("../../data2", `${folder}/data/deep/outside`);
    assert.deepEqual(findEscape(`${folder}/data`), {
      link: `${folder}/data/deep/outside`,
      target: `${folder}/data2`,
    });
    await Deno.remove(`${folder}/data/deep/outside`);
    await Deno.symlink("nowhere", `${folder}/data/broken`);
    assert.equal(findEscape(`${folder}/data`)?.link, `${folder}/data/broken`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
