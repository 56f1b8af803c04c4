import assert from "node:assert/strict";
import { Presence } from "../../../runner/store/presence.ts";
import { testFolder } from "../../helpers/folder.ts";

const YEAR = 365 * 24 * 3600 * 1000;

/** Sets clocks while `step` runs, in milliseconds: that of this process, and that of the disk. */
function withClocks(by: { own: number; disk: number }, step: () => void): void {
  const { now } = Date;
  const { statSync } = Deno;
  const set = (date: Date | null) => date && new Date(date.getTime() + by.disk);
  // What is older than the change keeps its time.
  const stat = (path: string | URL): Deno.FileInfo => {
    const info = statSync(path);
    return String(path).endsWith("/now") ? { ...info, ctime: set(info.ctime) } : info;
  };
  Object.defineProperty(Deno, "statSync", { value: stat, configurable: true });
  Date.now = () => now() + by.own;
  try {
    step();
  } finally {
    Date.now = now;
    Object.defineProperty(Deno, "statSync", { value: statSync, configurable: true });
  }
}

/** What the note says that a program which looks something up after a change of clocks leaves. */
async function noteAfter(by: { own: number; disk: number }): Promise<string> {
  using temp = testFolder();
  const presence = new Presence(temp.path);
  presence.begin();
  presence.hold();
  await Promise.resolve(); // the end of that turn
  withClocks(by, () => presence.hold());
  await Promise.resolve();
  const [{ name: owner }] = Deno.readDirSync(`${temp.path}/present`);
  const names = [...Deno.readDirSync(`${temp.path}/present/${owner}`)].map(({ name }) => name);
  assert.deepEqual(names, ["since"]);
  const note = Deno.readTextFileSync(`${temp.path}/present/${owner}/since`);
  presence.end();
  return note;
}

Deno.test("a program begins anew when the clock of the disk was set back with its own", async () => {
  assert.equal(await noteAfter({ own: -YEAR, disk: -YEAR }), "again");
});

Deno.test("it does not while the disk's clock goes on, nor when clocks are set forward", async () => {
  assert.equal(await noteAfter({ own: -YEAR, disk: 0 }), "");
  assert.equal(await noteAfter({ own: YEAR, disk: YEAR }), "");
  assert.equal(await noteAfter({ own: -500, disk: -500 }), "");
});
