import assert from "node:assert/strict";
import { download } from "../../../ml/data/download.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import { BODY, md5, type Reply, respond, server, sha256 } from "./http_server.ts";

const QUICK = { backoff: 1, retries: 2, stall: 2000 };

async function refused(promise: Promise<void>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.equal(error.name, "InputError");
    return error.message;
  }
  assert.fail("expected a refusal");
}

async function fetched(replies: Reply[], options = {}) {
  await using http = server(replies);
  await using dir = await temporaryFolder();
  const log: string[] = [];
  const file = `${dir.path}/data.tar`;
  await download(http.url, file, {
    ...QUICK,
    checksum: sha256,
    log: (line) => log.push(line.replace(http.url, "URL")),
    ...options,
  });
  assert.deepEqual(await Deno.readFile(file), BODY);
  assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["data.tar"]);
  return { requests: http.requests, log };
}

async function failed(
  replies: Reply[],
  options = {},
): Promise<{ message: string; left: string[] }> {
  await using http = server(replies);
  await using dir = await temporaryFolder();
  const message = await refused(
    download(http.url, `${dir.path}/data.tar`, { ...QUICK, checksum: sha256, ...options }),
  );
  const left = [...Deno.readDirSync(dir.path)].map(({ name }) => name).sort();
  return { message: message.replaceAll(http.url, "URL").replaceAll(`${dir.path}/`, ""), left };
}

Deno.test("download() stores a file and tells how far it is", async () => {
  const seen: [number, number | undefined][] = [];
  await fetched([respond({})], {
    onProgress: (done: number, total?: number) => seen.push([done, total]),
  });
  assert.deepEqual(seen.at(-1), [BODY.length, BODY.length]);
});

Deno.test("download() takes an md5 and a size as well", async () => {
  await fetched([respond({})], { checksum: md5, size: BODY.length });
});

Deno.test("download() goes on where a dropped connection stopped", async () => {
  const { requests, log } = await fetched([
    respond({ cut: 40_000, etag: '"a"' }),
    respond({ ranges: true, etag: '"a"' }),
  ]);
  const [first, second] = requests;
  assert.equal(first.get("range"), null);
  assert.match(second.get("range") ?? "", /^bytes=[1-9]\d*-$/);
  assert.equal(second.get("if-range"), '"a"');
  assert.match(log.join(), /^URL: the connection closed after \d+ of 100000 bytes; trying again/);
});

Deno.test("download() stops when it is told to, and a later one goes on from there", async () => {
  await using http = server([
    respond({ cut: 40_000, hold: true, etag: '"a"' }),
    respond({ ranges: true, etag: '"a"' }),
  ]);
  await using dir = await temporaryFolder();
  const file = `${dir.path}/data.tar`;
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error("stopped by hand"));
  await assert.rejects(
    download(http.url, file, { ...QUICK, signal: stop.signal, onProgress }),
    { message: "stopped by hand" },
  );
  const { size } = await Deno.stat(`${file}.part`);
  assert.ok(size > 0 && size <= 40_000);
  await download(http.url, file, { ...QUICK, checksum: sha256 });
  assert.deepEqual(await Deno.readFile(file), BODY);
  assert.equal(http.requests[1].get("range"), `bytes=${size}-`);
});

Deno.test("download() starts over where the server ignores ranges", async () => {
  await fetched([respond({ cut: 40_000, etag: '"a"' }), respond({})]);
});

Deno.test("download() starts over where the file has changed meanwhile", async () => {
  await fetched([
    respond({ cut: 40_000, etag: '"old"', body: BODY.map((b) => b ^ 1) }),
    respond({}),
  ]);
});

Deno.test("download() starts over, once, where the pieces do not fit together", async () => {
  const other = BODY.map((byte) => byte ^ 1);
  const { log } = await fetched([
    respond({ cut: 40_000, body: other }),
    respond({ ranges: true }),
    respond({}),
  ]);
  assert.match(log.join(), /the pieces did not fit together/);
});

Deno.test("download() starts over after a piece nobody asked for", async () => {
  await fetched([
    respond({ cut: 40_000, etag: '"a"' }),
    respond({ ranges: true, shift: 7 }),
    respond({}),
  ]);
});

Deno.test("download() survives answers of an overloaded server", async () => {
  await fetched([respond({ status: "503 Service Unavailable", retryAfter: 0 }), respond({})]);
});

Deno.test("download() follows a redirect", async () => {
  await fetched([() => ({ head: ["302 Found", "location: /elsewhere"], body: null }), respond({})]);
});

Deno.test("download() gives up on a server that always drops the connection", async () => {
  const { message } = await failed([respond({ cut: 40_000 })]);
  assert.match(
    message,
    /^Cannot download URL: the connection closed after \d+ of 100000 bytes \(tried 3 times\);/,
  );
});

Deno.test("download() finds out that the promised length was too large", async () => {
  const { message } = await failed([respond({ length: BODY.length + 10 })], {
    checksum: undefined,
  });
  assert.match(message, /the connection closed after \d+ of 100010 bytes \(tried 3 times\)/);
});

Deno.test("download() finds out that the promised length was too small", async () => {
  const { message, left } = await failed([respond({ length: BODY.length - 10 })]);
  assert.match(
    message,
    /^Cannot use what URL sends: expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}; check/,
  );
  assert.deepEqual(left, []);
});

Deno.test("download() refuses a file of another length before it fetches it", async () => {
  const { message } = await failed([respond({})], { size: 5 });
  assert.equal(message, "Cannot use what URL sends: expected 5 bytes, it offers 100000");
});

Deno.test("download() stops where there is no end to a file of known length", async () => {
  const { message, left } = await failed([respond({ chunked: true })], { size: 5 });
  assert.equal(
    message,
    "Cannot use what URL sends: expected 5 bytes, but there is no end to it",
  );
  assert.deepEqual(left, []);
});

Deno.test("download() refuses the wrong file and says when it is a web page", async () => {
  const page = new TextEncoder().encode("<!DOCTYPE html><title>Log in</title>");
  const { message, left } = await failed([respond({ body: page })]);
  assert.match(message, /found [0-9a-f]{64} \(it is a web page\); check the address/);
  assert.deepEqual(left, []);
});

Deno.test("download() does not ask again for what is not there", async () => {
  await using http = server([respond({ status: "404 Not Found" })]);
  await using dir = await temporaryFolder();
  assert.equal(
    await refused(download(http.url, `${dir.path}/a`, QUICK)),
    `Cannot download ${http.url}: the server answers 404 Not Found; check the address`,
  );
  assert.equal(http.requests.length, 1);
});

Deno.test("download() gives up on a server that falls silent", async () => {
  const { message } = await failed([respond({ cut: 100, hold: true })], { stall: 150, retries: 1 });
  assert.match(message, /^Cannot download URL: no data for 0.15 s \(tried 2 times\)/);
});

Deno.test("download() names the reason when nobody answers", async () => {
  await using dir = await temporaryFolder();
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const message = await refused(
    download(`http://127.0.0.1:${port}/a`, `${dir.path}/a`, { ...QUICK, retries: 0 }),
  );
  assert.match(message, /refused.*\(tried 1 times\); check the connection and run again$/);
});

Deno.test("download() says that the disk is full", async () => {
  await using http = server([respond({})]);
  await using dir = await temporaryFolder();
  await Deno.symlink("/dev/full", `${dir.path}/a.part`);
  assert.match(
    await refused(download(http.url, `${dir.path}/a`, QUICK)),
    /a\.part: the disk is full, 0 of 100000 bytes have arrived; free some space and run again/,
  );
});

Deno.test("download() keeps a file that is right and replaces one that is wrong", async () => {
  await using http = server([respond({})]);
  await using dir = await temporaryFolder();
  const file = `${dir.path}/a`;
  await Deno.writeFile(file, BODY);
  await download(http.url, file, { ...QUICK, checksum: sha256 });
  assert.equal(http.requests.length, 0);
  await Deno.writeTextFile(file, "something else");
  await download(http.url, file, { ...QUICK, checksum: sha256 });
  assert.deepEqual(await Deno.readFile(file), BODY);
});

Deno.test("download() refuses addresses and checksums it cannot use", async () => {
  assert.equal(
    await refused(download("ftp://example.org/a", "/tmp/a")),
    'Cannot download "ftp://example.org/a": expected an address with http:// or https://',
  );
  assert.equal(
    await refused(download("http://example.org/a", "/tmp/a", { checksum: "md5:123" })),
    'Cannot use the checksum "md5:123": expected sha256:, sha512:, sha1: or md5: ' +
      "and the digest in hexadecimal",
  );
});
