import assert from "node:assert/strict";
import { readFolder } from "../../../helpers/folder.ts";
import { NGINX, nginx, type NginxOptions } from "../../../helpers/nginx.ts";
import { files, machine, noise, wanted } from "./sample.ts";

/** A test against a real server; its name tells why it is left out where there is none. */
function test(name: string, fn: () => Promise<void>): void {
  const ignore = NGINX === undefined;
  Deno.test({ name: ignore ? `${name} (nginx is not installed)` : name, ignore, fn });
}

test("what one machine gives to nginx another gets", async () => {
  await using server = await nginx();
  using here = machine();
  using there = machine();
  const record = await here.make();
  assert.equal(await here.remote(server.url).give(record), true);
  assert.equal(await here.remote(server.url).give(record), true); // over what is there
  assert.deepEqual(Object.keys(readFolder(server.data)).length, 6);

  const remote = there.remote(server.url);
  assert.deepEqual(await remote.find(wanted), record);
  assert.deepEqual(await remote.fetch(wanted), record);
  assert.deepEqual(readFolder(await there.store.materialise(record.outputs.made)), files);
  assert.equal(await there.remote(server.url).fetch({ ...wanted, key: "0".repeat(64) }), undefined);
  assert.deepEqual([...here.told, ...there.told], []);
});

test("a thousand small files and one of 20 MB go through nginx and come back", async () => {
  await using server = await nginx();
  using here = machine();
  using there = machine();
  const many: Record<string, string> = { "large.bin": "0123456789abcdef".repeat(20 * 2 ** 16) };
  for (let n = 0; n < 1000; n++) many[`${n % 10}/${n}.txt`] = `content ${n}`;
  const record = await here.make(many);
  assert.equal(await here.remote(server.url).give(record), true);
  assert.deepEqual(await there.remote(server.url).fetch(wanted), record);
  assert.deepEqual(readFolder(await there.store.materialise(record.outputs.made)), many);
  assert.deepEqual([...here.told, ...there.told], []);
});

test("an entry that was damaged on nginx's disk is not used", async () => {
  await using server = await nginx();
  using here = machine();
  using there = machine();
  const record = await here.make();
  await here.remote(server.url).give(record);
  Deno.writeTextFileSync(`${server.data}/cas/${record.outputs.made}`, "half a tr");
  assert.equal(await there.remote(server.url).fetch(wanted), undefined);
  assert.match(there.told.join(), /it gave something wrong for cas\//);
});

/** Servers, how they are asked, and what is said of them. */
const REFUSALS: Record<string, { options: NginxOptions; user?: string; says: RegExp[] }> = {
  "that may only be read is told of once": {
    options: { readOnly: true },
    says: [/takes no results: it answers 405 Not Allowed$/],
  },
  "that wants a password says so": {
    options: { credentials: { user: "ann", password: "s@cret" } },
    says: [/it answers 401 Unauthorized; user:password@ in the address, or SR4IR_REMOTE_TOKEN/],
  },
  "is given its password": {
    options: { credentials: { user: "ann", password: "s@cret" } },
    user: "ann:s%40cret@",
    says: [],
  },
};

for (const [what, { options, user = "", says }] of Object.entries(REFUSALS)) {
  test(`an nginx ${what}`, async () => {
    await using server = await nginx(options);
    using here = machine();
    const remote = here.remote(server.url.replace("//", `//${user}`));
    const record = await here.make();
    assert.equal(await remote.give(record), says.length === 0);
    assert.equal(await remote.give(record), says.length === 0);
    assert.equal(here.told.length, says.length, here.told.join("\n"));
    says.forEach((line, n) => assert.match(here.told[n], line));
  });
}

test("an nginx that drips is not waited for", async () => {
  await using server = await nginx({ rate: "10k" });
  using here = machine();
  using there = machine();
  await here.remote(server.url).give(await here.make({ "a.bin": noise(1_000_000) }));
  assert.equal(await there.remote(server.url, { patience: 0.3 }).fetch(wanted), undefined);
  assert.match(there.told.join(), /it is too slow|no answer for 0\.3 s/);
});

test("an nginx that takes small files only is told of, however much it is sent", async () => {
  await using server = await nginx({ largest: "1m" });
  using here = machine();
  const record = await here.make({ "large.bin": noise(30_000_000) });
  assert.equal(await here.remote(server.url).give(record), false);
  assert.deepEqual(here.told, [
    `remote cache ${server.url} takes no results: it answers 413 Request Entity Too Large`,
  ]);
});
