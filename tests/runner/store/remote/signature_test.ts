import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import type { ActionRecord } from "../../../../runner/plan/record.ts";
import { decodeEntry, encodeEntry } from "../../../../runner/store/remote/entry.ts";
import { readTrust, VARIABLES } from "../../../../runner/store/remote/signature.ts";
import { cacheServer } from "../../../helpers/cache_server.ts";
import { testFolder } from "../../../helpers/folder.ts";
import { machine, wanted } from "./sample.ts";

const SECRET = "sixteen or more characters";

/** Whom to trust, by the kind of variable. */
function trust(values: Partial<Record<keyof typeof VARIABLES, string>>) {
  const named = Object.fromEntries(
    Object.entries(values).map(([kind, value]) => [
      VARIABLES[kind as keyof typeof VARIABLES],
      value,
    ]),
  );
  return readTrust((name) => named[name]) ?? assert.fail();
}

/** PEM texts of a new pair. */
function pair(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

Deno.test("without a key nobody is asked who made a result", () => {
  assert.equal(readTrust(() => undefined), undefined);
  assert.equal(readTrust(() => ""), undefined);
});

Deno.test("a signature holds for the very record, its key and its outputs", async () => {
  using dir = testFolder({ "a.pem": pair().privateKey });
  using here = machine();
  const record = await here.make();
  for (const one of [trust({ secret: SECRET }), trust({ signing: `${dir.path}/a.pem` })]) {
    const signature = one.sign?.(record) ?? assert.fail();
    assert.equal(one.isTrusted(record, signature), true);
    assert.equal(one.isTrusted(structuredClone(record), signature), true);
    const others: Partial<ActionRecord>[] = [
      { key: "0".repeat(64) },
      { outputs: { made: "0".repeat(64) } },
      { metrics: { AP: 99 } },
      { verified: { deterministic: "2026-01-01T00:00:00.000Z" } },
    ];
    for (const change of others) {
      assert.equal(one.isTrusted({ ...record, ...change }, signature), false);
    }
    assert.equal(one.isTrusted(record, undefined), false);
    assert.equal(one.isTrusted(record, { hmac: "AAAA" }), false);
    assert.equal(one.isTrusted(record, { ed25519: "AAAA" }), false);
  }
});

Deno.test("a file of public keys lets everyone's results in who has the other half of one", async () => {
  const [a, b, c] = [pair(), pair(), pair()];
  using dir = testFolder({
    "a.pem": a.privateKey,
    "b.pem": b.privateKey,
    "c.pem": c.privateKey,
    "team.pem": a.publicKey + b.publicKey,
  });
  using here = machine();
  const record = await here.make();
  const team = trust({ public: `${dir.path}/team.pem` });
  assert.equal(team.sign, undefined);
  const isTrusted = (name: string) =>
    team.isTrusted(record, trust({ signing: `${dir.path}/${name}.pem` }).sign?.(record));
  assert.deepEqual(["a", "b", "c"].map(isTrusted), [true, true, false]);
  const both = trust({ signing: `${dir.path}/c.pem`, public: `${dir.path}/team.pem` });
  assert.equal(both.isTrusted(record, both.sign?.(record)), true);
  assert.equal(
    both.isTrusted(record, trust({ signing: `${dir.path}/a.pem` }).sign?.(record)),
    true,
  );
});

Deno.test("another kind of key is told of", () => {
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  using dir = testFolder({ "ec.pem": privateKey });
  assert.throws(() => trust({ signing: `${dir.path}/ec.pem` }), {
    message: `Cannot use SR4IR_REMOTE_SIGNING_KEY=${dir.path}/ec.pem: ` +
      "expected an Ed25519 key, found ec",
  });
});

Deno.test("a signed entry that was changed, or is unsigned, counts as not there, with one warning", async () => {
  await using server = cacheServer();
  using here = machine();
  using there = machine();
  const own = trust({ secret: SECRET });
  const record = await here.make();
  const name = `ac/${wanted.key}`;
  await here.remote(server.url, { trust: own }).give(record);
  const signed = await decodeEntry(server.entries.get(name) ?? assert.fail(), wanted.key) ??
    assert.fail();
  const remote = there.remote(server.url, { trust: own });
  const put = async (entry: typeof signed) =>
    server.entries.set(name, Uint8Array.from(await encodeEntry(entry)));
  await put({ ...signed, record: { ...record, metrics: { AP: 99 } } });
  assert.equal(await remote.find(wanted), undefined);
  await put({ ...signed, signature: undefined });
  assert.equal(await remote.find(wanted), undefined);
  assert.deepEqual(there.told, [
    `remote cache ${server.url}: results that are not signed with a key that you trust count as ` +
    "not there",
  ]);
  assert.equal(remote.answers, true);
  await put(signed);
  assert.deepEqual(await remote.fetch(wanted), record);
  // Who asks for no signature takes it too.
  using other = machine();
  assert.deepEqual(await other.remote(server.url).fetch(wanted), record);
});
