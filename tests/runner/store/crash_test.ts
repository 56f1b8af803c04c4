import assert from "node:assert/strict";
import { Store } from "../../../runner/store/store.ts";
import { readFolder, testFolder } from "../../helpers/folder.ts";
import { files, finish, key } from "./sample.ts";

const CHILD = new URL("./crash_child.ts", import.meta.url).href;

Deno.test("killed before any change to the disk, a store holds the result or does not", async () => {
  using undisturbed = testFolder();
  const expected = await finish(Store.open(`${undisturbed.path}/store`));
  const fates = new Set<string>();
  let survived = false;
  for (let step = 0; !survived; step++) {
    using temp = testFolder();
    const folder = `${temp.path}/store`;
    const { code, signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", CHILD, folder, String(step)],
      stderr: "inherit",
    }).output();
    survived = code === 0;
    assert(survived || signal === "SIGKILL", `step ${step}: ${code} ${signal}`);

    // A hit is whole: record, tree, every file; a miss is not half a hit.
    const reports: unknown[] = [];
    using store = Store.open(folder, { verify: true, onDamage: (damage) => reports.push(damage) });
    const found = store.lookup(key);
    fates.add(found.status);
    if (found.status === "found") assert.equal(found.record.outputs.made, expected);
    else assert.equal(found.status, "absent", `step ${step}`);

    // The next run completes, to the same bytes.
    Deno.mkdirSync(`${folder}/work`, { recursive: true });
    Deno.removeSync(`${folder}/work`, { recursive: true });
    assert.equal(await finish(store), expected, `step ${step}`);
    assert.deepEqual(readFolder(await store.materialise(expected)), files, `step ${step}`);
    assert.deepEqual(reports, [], `step ${step}`);
    store.close();
    assert.deepEqual(readFolder(`${folder}/tmp`), {}, `step ${step}`);
  }
  assert.deepEqual([...fates].sort(), ["absent", "found"]);
});
