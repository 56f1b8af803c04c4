import assert from "node:assert/strict";
import { digestPackage, type LockFile, type PackageGraph } from "../../../runner/plan/packages.ts";

const graph: PackageGraph = {
  "a@1.0.0": { dependencies: ["b@1.0.0"] },
  "b@1.0.0": { dependencies: ["c@1.0.0", "a@1.0.0"] }, // a circle
  "c@1.0.0": { dependencies: [] },
  "d@1.0.0": { dependencies: [] },
};

function lock(changed: Record<string, string> = {}): LockFile {
  const names = { "a@1.0.0": "A", "b@1.0.0": "B", "c@1.0.0": "C", "d@1.0.0": "D", ...changed };
  return {
    npm: Object.fromEntries(Object.entries(names).map(([id, integrity]) => [id, { integrity }])),
  };
}

Deno.test("a package counts with all it needs, and with nothing else", () => {
  const before = digestPackage("a@1.0.0", graph, lock());
  assert.notEqual(digestPackage("a@1.0.0", graph, lock({ "a@1.0.0": "other" })), before);
  assert.notEqual(digestPackage("a@1.0.0", graph, lock({ "c@1.0.0": "other" })), before);
  assert.equal(digestPackage("a@1.0.0", graph, lock({ "d@1.0.0": "other" })), before);
});
