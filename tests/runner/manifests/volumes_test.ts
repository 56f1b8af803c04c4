import assert from "node:assert/strict";
import { formatDiagnostics, UserError } from "../../../runner/diagnostic.ts";
import { expectOnVolumes, isOnVolume } from "../../../runner/manifests/volumes.ts";

Deno.test("a path is on a volume whose folder holds it, not on one with a similar name", () => {
  const volumes = [{ path: "/shared" }, { path: "/data/" }];
  const paths = ["/shared", "/shared/a/b", "/data/x", "/shared2/a", "/dat"];
  assert.deepEqual(paths.filter((path) => isOnVolume(path, volumes)), paths.slice(0, 3));
  assert.equal(isOnVolume("/anything", [{ path: "/" }]), true);
});

Deno.test("all that containers would not find is told at once", () => {
  const needed = [
    { what: "the store", path: "/home/me/store" },
    { what: "the project", path: "/shared/project" },
    { what: 'data of stage "import"', path: "/mnt/voc" },
  ];
  assert.throws(() => expectOnVolumes(needed, [{ path: "/shared" }], "kubernetes"), (error) => {
    assert.ok(error instanceof UserError);
    assert.equal(
      formatDiagnostics(error),
      `
error: jobs would not find what is on none of the volumes of kubernetes
  the store: /home/me/store
  data of stage "import": /mnt/voc
  volumes: /shared
  jobs need these under the same paths: add a volume, or move them to one
`.trimStart(),
    );
    return true;
  });
  expectOnVolumes(needed, [{ path: "/" }], "kubernetes");
});
