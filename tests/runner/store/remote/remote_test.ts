import assert from "node:assert/strict";
import { keyOf } from "../../../../runner/plan/key.ts";
import { digestBytes } from "../../../../runner/store/digest.ts";
import type { RemoteCache } from "../../../../runner/store/remote/remote.ts";
import { encodeRecord } from "../../../../runner/store/records.ts";
import { encodeTree } from "../../../../runner/store/tree.ts";
import { brokenServer } from "../../../helpers/broken_server.ts";
import { cacheServer, type Misbehaviour } from "../../../helpers/cache_server.ts";
import { readFolder } from "../../../helpers/folder.ts";
import { files, machine, material, wanted } from "./sample.ts";

const alpha = digestBytes("alpha");

Deno.test("what one machine gives another gets, with all that it says", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  const record = await here.make();
  assert.equal(await here.remote(server.url).give(record), true);

  const remote = there.remote(server.url);
  assert.deepEqual(await remote.find(wanted), record);
  assert.deepEqual(there.store.lookup(wanted.key), { status: "absent" });
  assert.deepEqual(await remote.fetch(wanted), record);
  assert.deepEqual(there.store.lookup(wanted.key), { status: "found", record });
  assert.deepEqual(readFolder(await there.store.materialise(record.outputs.made)), files);
  assert.equal(Deno.readTextFileSync(there.store.objectPath(record.log)), "a log\n");
  assert.deepEqual([...here.told, ...there.told], []);
});

Deno.test("the record is sent last, and what is there is not sent again", async () => {
  await using server = cacheServer();
  using here = machine();
  const record = await here.make();
  await here.remote(server.url).give(record);
  const puts = () => server.requests.filter((line) => line.startsWith("PUT"));
  assert.equal(puts().length, 6); // alpha, beta, nothing, the tree, the log, the record
  assert.equal(puts().at(-1), `PUT ac/${wanted.key}`);

  server.requests.length = 0;
  await here.remote(server.url).give(record);
  assert.deepEqual(puts(), [`PUT ac/${wanted.key}`]);
  assert.equal(server.requests.filter((line) => line.startsWith("HEAD")).length, 5);
});

Deno.test("an entry of another size than its content is sent anew", async () => {
  await using server = cacheServer();
  using here = machine();
  server.entries.set(`cas/${alpha}`, new Uint8Array(3));
  await here.remote(server.url).give(await here.make());
  assert.deepEqual(server.entries.get(`cas/${alpha}`), new TextEncoder().encode("alpha"));
});

Deno.test("only what the store does not have is fetched", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  await here.remote(server.url).give(await here.make());
  await there.make({ "other.txt": "alpha" });
  const identity = () => {
    const { ino, size, mtime } = Deno.statSync(there.store.objectPath(alpha));
    return { ino, size, mtime };
  };
  const before = identity();
  server.requests.length = 0;
  await there.remote(server.url).fetch(wanted);
  assert.equal(server.requests.includes(`GET cas/${alpha}`), false);
  assert.deepEqual(identity(), before);
});

Deno.test("a key that is asked for several times at once is fetched once", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  await here.remote(server.url).give(await here.make());
  server.requests.length = 0;
  const remote = there.remote(server.url);
  const records = await Promise.all([1, 2, 3].map(() => remote.fetch(wanted)));
  assert.equal(new Set(records).size, 1);
  assert.equal(server.requests.filter((line) => line.includes("ac/")).length, 1);
});

const text = (body: string, status = 200) => new Response(body, { status });

/** An answer without end. */
function endless(): Response {
  const piece = new Uint8Array(1 << 20);
  return new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(piece);
      },
    }),
  );
}

const forRecord = (answer: () => Response): Misbehaviour => ({ method, entry }) =>
  method === "GET" && entry.startsWith("ac/") ? answer() : undefined;
const forAlpha = (answer: () => Response): Misbehaviour => ({ method, entry }) =>
  method === "GET" && entry === `cas/${alpha}` ? answer() : undefined;

const WRONG_RECORD = `it gave something wrong for ac/${wanted.key.slice(0, 13)}…`;
const WRONG_ALPHA = `it gave something wrong for cas/${alpha.slice(0, 12)}…`;

/** What goes wrong, and what is said of it. */
const FAILURES: Record<string, { misbehave: Misbehaviour; says: string }> = {
  "garbage for a record": { misbehave: forRecord(() => text("{nonsense")), says: WRONG_RECORD },
  "an empty record": { misbehave: forRecord(() => text("")), says: WRONG_RECORD },
  "another JSON for a record": { misbehave: forRecord(() => text("[1, 2]")), says: WRONG_RECORD },
  "an endless record": { misbehave: forRecord(endless), says: WRONG_RECORD },
  "an error 500": {
    misbehave: () => text("oops", 500),
    says: "it answers 500 Internal Server Error",
  },
  "an error 400": { misbehave: () => text("what?", 400), says: "it answers 400 Bad Request" },
  "a refusal": {
    misbehave: () => text("who?", 401),
    says: "it answers 401 Unauthorized; user:password@ in the address, or SR4IR_REMOTE_TOKEN, " +
      "says who you are",
  },
  "another address": {
    misbehave: () => new Response(null, { status: 302, headers: { location: "http://x.test/y" } }),
    says: "it answers 302 Found: it is at http://x.test/y now",
  },
  "wrong bytes": { misbehave: forAlpha(() => text("ALPHA")), says: WRONG_ALPHA },
  "too few bytes": { misbehave: forAlpha(() => text("alph")), says: WRONG_ALPHA },
  "an endless content": { misbehave: forAlpha(endless), says: WRONG_ALPHA },
  "an error for a content": {
    misbehave: forAlpha(() => text("oops", 503)),
    says: "it answers 503 Service Unavailable",
  },
};

for (const [what, { misbehave, says }] of Object.entries(FAILURES)) {
  Deno.test(`${what} counts as not there, is told once, and leaves nothing wrong behind`, async () => {
    await using server = cacheServer();
    using here = machine();
    using there = machine();
    const record = await here.make();
    await here.remote(server.url).give(record);
    await there.make({ "own.txt": "own" });
    const own = readFolder(`${there.store.folder}/objects`);
    server.misbehave = misbehave;
    Deno.removeSync(`${there.store.folder}/actions/${wanted.key.slice(0, 2)}/${wanted.key}.json`);

    const remote = there.remote(server.url);
    assert.equal(await remote.fetch(wanted), undefined);
    assert.deepEqual(there.told, [`remote cache ${server.url}: ${says}`]);
    assert.deepEqual(there.store.lookup(wanted.key), { status: "absent" });
    const objects = readFolder(`${there.store.folder}/objects`);
    for (const [path, content] of Object.entries(objects)) {
      assert.equal(digestBytes(content), path.slice(3));
    }
    for (const path of Object.keys(own)) assert.equal(objects[path], own[path]);
    assert.deepEqual(readFolder(`${there.store.folder}/tmp`), {
      [`${[...Deno.readDirSync(`${there.store.folder}/tmp`)][0].name}/`]: "",
    });
  });
}

Deno.test("a content that is not there makes the result not there, without a word", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  await here.remote(server.url).give(await here.make());
  server.entries.delete(`cas/${alpha}`);
  const remote = there.remote(server.url);
  assert.equal(await remote.find(wanted), undefined);
  assert.equal(await remote.fetch(wanted), undefined);
  assert.deepEqual(there.told, []);
});

for (const entry of [`ac/${wanted.key}`, `cas/${alpha}`]) {
  Deno.test(`a connection that breaks in the middle of ${entry.slice(0, 6)}… is tried once more`, async () => {
    await using server = cacheServer();
    using here = machine();
    using there = machine();
    const record = await here.make();
    await here.remote(server.url).give(record);

    let left = 2;
    await using broken = brokenServer(server.entries, (asked) => asked === entry && left-- > 0);
    const remote = there.remote(broken.url);
    assert.equal(await remote.fetch(wanted), undefined);
    const told = [`remote cache ${broken.url}: the connection broke`];
    assert.deepEqual(there.told, told);
    assert.deepEqual(there.store.lookup(wanted.key), { status: "absent" });

    left = 1;
    assert.deepEqual(await there.remote(broken.url).fetch(wanted), record);
    assert.deepEqual(there.told, told);
  });
}

Deno.test("after three failures nothing more is asked", async () => {
  await using server = cacheServer(() => new Response(null, { status: 500 }));
  using here = machine();
  const remote = here.remote(server.url);
  for (let n = 0; n < 9; n++) {
    const key = digestBytes(String(n));
    assert.equal(await remote.fetch({ key, outputs: ["made"] }), undefined);
  }
  assert.equal(server.requests.length, 3);
  assert.equal(remote.answers, false);
  assert.equal(here.told.length, 1);
});

Deno.test("good answers in between do not excuse three wrong ones", async () => {
  await using server = cacheServer(({ entry }) =>
    /^ac\/[0-7]/.test(entry) ? new Response("{}") : undefined
  );
  using here = machine();
  const remote = here.remote(server.url);
  for (const start of ["0", "f0", "1", "f1", "2", "f2"]) {
    await remote.fetch({ key: start.padEnd(64, "0"), outputs: ["made"] });
  }
  assert.deepEqual(server.requests.map((line) => line[7]), ["0", "f", "1", "f", "2"]);
});

Deno.test("a server that says nothing is not waited for", async () => {
  const silence = Promise.withResolvers<Response>();
  await using server = cacheServer(() => silence.promise);
  using here = machine();
  assert.equal(await here.remote(server.url, { patience: 0.2 }).fetch(wanted), undefined);
  assert.deepEqual(here.told, [
    `remote cache ${server.url}: no answer for 0.2 s`,
  ]);
  silence.resolve(new Response());
});

Deno.test("who has never answered is waited for once, who has three times", async () => {
  const silence = Promise.withResolvers<Response>();
  await using server = cacheServer(() => silence.promise);
  using here = machine();
  const ask = async (remote: RemoteCache) => {
    for (let n = 0; n < 5; n++) await remote.fetch({ ...wanted, key: digestBytes(`${n}`) });
  };
  await ask(here.remote(server.url, { patience: 0.1 }));
  assert.equal(server.requests.length, 1);

  server.misbehave = () => undefined;
  const remote = here.remote(server.url, { patience: 0.5 });
  assert.equal(await remote.fetch(wanted), undefined);
  server.misbehave = () => silence.promise;
  server.requests.length = 0;
  await ask(remote);
  assert.equal(server.requests.length, 3);
  silence.resolve(new Response());
});

Deno.test("a server that drips is not waited for", async () => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await using server = cacheServer(() =>
    new Response(
      new ReadableStream<Uint8Array>({
        async pull(controller) {
          await new Promise((resolve) => timer = setTimeout(resolve, 50));
          controller.enqueue(new Uint8Array(1));
        },
        cancel: () => clearTimeout(timer),
      }),
    )
  );
  using here = machine();
  assert.equal(await here.remote(server.url, { patience: 1 }).fetch(wanted), undefined);
  assert.deepEqual(here.told, [`remote cache ${server.url}: it is too slow`]);
});

Deno.test("a server that is not there is told of in words", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  using here = machine();
  const remote = here.remote(url);
  assert.equal(await remote.fetch(wanted), undefined);
  assert.equal(await remote.give(await here.make()), false);
  assert.deepEqual(here.told, [
    `remote cache ${url}: nobody answers at this address`,
  ]);
});

Deno.test("a server that hangs up is asked once more", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  let calls = 0;
  const accepting = (async () => {
    for await (const connection of listener) {
      calls++;
      connection.close();
    }
  })();
  using here = machine();
  const url = `http://127.0.0.1:${listener.addr.port}`;
  assert.equal(await here.remote(url).fetch(wanted), undefined);
  assert.deepEqual(here.told, [`remote cache ${url}: the connection broke`]);
  assert.equal(calls, 2);
  listener.close();
  await accepting;
});

Deno.test("a server that takes nothing is told of once, and still read", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  const record = await there.make();
  await there.remote(server.url).give(record);
  server.misbehave = ({ method }) =>
    method === "PUT" ? new Response(null, { status: 405 }) : undefined;
  const remote = here.remote(server.url);
  const own = { ...await here.make({ "own.txt": "own" }), key: keyOf({ ...material, params: {} }) };
  assert.equal(await remote.give(own), false);
  assert.equal(await remote.give(own), false);
  assert.equal(remote.takes, false);
  assert.deepEqual(await remote.fetch(wanted), record);
  assert.deepEqual(here.told, [
    `remote cache ${server.url} takes no results: it answers 405 Method Not Allowed`,
  ]);
});

Deno.test("read-only gives nothing", async () => {
  await using server = cacheServer();
  using here = machine();
  const remote = here.remote(server.url, { readOnly: true });
  remote.giveLater(await here.make());
  await remote.finish(() => {});
  assert.deepEqual(server.requests, []);
});

Deno.test("a damaged file is not given away, but told of", async () => {
  await using server = cacheServer();
  using here = machine();
  const record = await here.make();
  const path = here.store.objectPath(alpha);
  Deno.chmodSync(path, 0o644);
  Deno.writeTextFileSync(path, "ALPHA");
  Deno.utimeSync(path, 1_000_000_000, 1_000_000_000); // so that a look does not tell
  assert.equal(await here.remote(server.url).give(record), false);
  assert.equal(server.entries.has(`cas/${alpha}`), false);
  assert.equal(server.entries.has(`ac/${wanted.key}`), false);
  const problem = `objects/${
    alpha.slice(0, 2)
  }/${alpha} does not have the content that its name says`;
  assert.deepEqual(here.told, [problem, `cannot share the result of make: ${problem}`]);
});

/** Puts a record and a tree that are right by their digests on a server. */
function plant(
  entries: Map<string, Uint8Array<ArrayBuffer>>,
  tree: string,
  change: Record<string, unknown> = {},
): void {
  const encode = (text: string) => new TextEncoder().encode(text);
  const record = {
    key: wanted.key,
    material,
    outputs: { made: digestBytes(tree) },
    metrics: {},
    tables: [],
    curves: {},
    madeBy: { pipeline: "tiny", id: "make" },
    startedAt: "2026-01-01T00:00:00.000Z",
    seconds: 1.5,
    host: { name: "here", cpu: "any", os: "linux" },
    log: "0".repeat(64),
    ...change,
  };
  entries.set(`cas/${digestBytes(tree)}`, encode(tree));
  entries.set(`cas/${alpha}`, encode("alpha"));
  entries.set(`ac/${wanted.key}`, encode(encodeRecord(record)));
}

const file = (path: string) => ({ path, digest: alpha, size: 5 });

/** Trees that would do harm. */
const TREES: Record<string, string> = {
  "leads out of its folder": encodeTree([file("../../out.txt")], []),
  "has an absolute path": encodeTree([file("/etc/out.txt")], []),
  "has a name with a point in its path": encodeTree([file("a/./b")], []),
  "has an empty name": encodeTree([file("")], []),
  "has a name with a null": encodeTree([file("a\0b")], []),
  "has a file in a file": encodeTree([file("a"), file("a/b")], []),
  "has a file twice": encodeTree([file("a"), file("a")], []),
  "has an empty folder outside": encodeTree([], [".."]),
  "is not in order": `{"emptyFolders":[],"files":[${
    ["b", "a"].map((path) => `{"digest":"${alpha}","path":"${path}","size":5}`)
  }],"kind":"tree"}`,
  "has a negative size": encodeTree([{ ...file("a"), size: -1 }], []),
  "has a digest that is none": encodeTree([{ ...file("a"), digest: "../a" }], []),
  "is no JSON": "tree",
};

for (const [what, tree] of Object.entries(TREES)) {
  Deno.test(`a tree that ${what} is not used, though its digest is right`, async () => {
    await using server = cacheServer();
    using here = machine();
    plant(server.entries, tree);
    assert.equal(await here.remote(server.url).fetch(wanted), undefined);
    assert.match(here.told[0], /^remote cache \S+: it gave something wrong for cas\//);
    assert.deepEqual(here.store.lookup(wanted.key), { status: "absent" });
  });
}

/** Records that are whole by their digest, and what is wrong with them. */
const RECORDS: Record<string, Record<string, unknown>> = {
  "of other material": { material: { ...material, params: { n: 2 } } },
  "of another key": { key: "0".repeat(64) },
  "without outputs": { outputs: {} },
  "with other outputs": { outputs: { other: alpha } },
  "whose output is no digest": { outputs: { made: "../../../etc/passwd" } },
  "with a metric that is a text": { metrics: { AP: "high" } },
  "without curves": { curves: undefined },
};

for (const [what, change] of Object.entries(RECORDS)) {
  Deno.test(`a record ${what} is not used`, async () => {
    await using server = cacheServer();
    using here = machine();
    plant(server.entries, encodeTree([file("a")], []), change);
    assert.equal(await here.remote(server.url).fetch(wanted), undefined);
    assert.deepEqual(here.told, [
      `remote cache ${server.url}: ${WRONG_RECORD}`,
    ]);
  });
}

Deno.test("what is planted right is taken: the tests above fail for their own reasons", async () => {
  await using server = cacheServer();
  using here = machine();
  plant(server.entries, encodeTree([file("a")], []));
  assert.notEqual(await here.remote(server.url).fetch(wanted), undefined);
});

Deno.test("who waits for the rest hears how much there is", async () => {
  const heard = Promise.withResolvers<undefined>();
  await using server = cacheServer(({ method }) =>
    method === "PUT" ? heard.promise.then(() => new Response(null, { status: 201 })) : undefined
  );
  using here = machine();
  const remote = here.remote(server.url);
  const record = await here.make({ "a.txt": "alpha" });
  const tree = Deno.statSync(here.store.objectPath(record.outputs.made)).size;
  remote.giveLater(record);
  const told: [number, number][] = [];
  await remote.finish((done, total) => {
    told.push([done, total]);
    if (total > 0) heard.resolve(undefined);
  });
  assert.deepEqual(told.at(0), [0, 5 + tree + "a log\n".length]);
});

Deno.test("who stops waits for nothing", async () => {
  const silence = Promise.withResolvers<Response>();
  await using server = cacheServer(() => silence.promise);
  using here = machine();
  const stop = new AbortController();
  const remote = here.remote(server.url, { stop: stop.signal });
  const fetching = remote.fetch(wanted);
  remote.giveLater(await here.make());
  const finishing = remote.finish(() => {});
  stop.abort();
  assert.equal(await fetching, undefined);
  await finishing;
  assert.deepEqual(here.told, []);
  silence.resolve(new Response());
});

Deno.test("the person's name goes with every request, and into no message", async () => {
  const seen = new Set<string | null>();
  await using server = cacheServer(({ request }) => {
    seen.add(request.headers.get("authorization"));
    return undefined;
  });
  using here = machine();
  const record = await here.make();
  await here.remote(server.url.replace("//", "//ann:s%40cret@")).give(record);
  assert.deepEqual([...seen], [`Basic ${btoa("ann:s@cret")}`]);
  seen.clear();
  await here.remote(server.url, { token: "t0ken" }).fetch(wanted);
  assert.deepEqual([...seen], ["Bearer t0ken"]);

  server.misbehave = () => new Response(null, { status: 401 });
  const remote = here.remote(server.url.replace("//", "//ann:s%40cret@"), { token: "t0ken" });
  await remote.fetch(wanted);
  assert.equal(remote.name, server.url);
  assert.doesNotMatch(here.told.join(), /ann|cret|t0ken/);
});
