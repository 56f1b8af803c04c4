import assert from "node:assert/strict";
import { unpack, unpacked } from "../../../ml/data/archive.ts";
import type { UnpackOptions } from "../../../ml/data/unpacking.ts";
import { zipFile } from "../../helpers/zip.ts";
import { content } from "../../stages/folder_content.ts";
import { temporaryFolder } from "./temporary_folder.ts";

const text = (string: string) => new TextEncoder().encode(string);
const zip = (files: Record<string, string>) =>
  zipFile(Object.fromEntries(Object.entries(files).map(([name, body]) => [name, text(body)])));

/** Unpacks and lists what then lies in the folder; the text of each file. */
async function outcome(bytes: Uint8Array, options: UnpackOptions = {}) {
  await using dir = await temporaryFolder();
  await Deno.writeFile(`${dir.path}/a.zip`, bytes);
  await Deno.mkdir(`${dir.path}/out`);
  let message: string | undefined;
  let name: string | undefined;
  let files = -1;
  try {
    files = await unpack(`${dir.path}/a.zip`, `${dir.path}/out`, options);
  } catch (error) {
    assert.ok(error instanceof Error);
    message = error.message.replaceAll(`${dir.path}/`, "");
    name = error.name;
  }
  const found = Object.entries(await content(`${dir.path}/out`))
    .map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]);
  return { files, message, name, found: Object.fromEntries(found) };
}

Deno.test("unpack() tells a zip file by its content and writes files and folders", async () => {
  const archive = zip({ "cars/a.txt": "one", "cars/deep/b.txt": "two", big: "x".repeat(300_000) });
  let last = [0, 0];
  const { files, found } = await outcome(archive, { onProgress: (...at) => last = at });
  assert.equal(files, 3);
  assert.deepEqual(found, {
    "cars/a.txt": "one",
    "cars/deep/b.txt": "two",
    big: "x".repeat(300_000),
  });
  assert.deepEqual(last, [archive.length, archive.length]);
});

Deno.test("unpackZip() leaves out what is not included", async () => {
  const { found } = await outcome(zip({ a: "1", b: "2" }), { include: (path) => path === "b" });
  assert.deepEqual(found, { b: "2" });
});

Deno.test("unpackZip() writes nothing outside its folder", async () => {
  for (
    const [path, reason] of [
      ["../evil", "invalid relative path: ../evil"],
      ["a/../../evil", "invalid relative path: a/../../evil"],
      ["/tmp/evil", "absolute path: /tmp/evil"],
      ["..\\evil", "invalid relative path: ../evil"],
      ["C:\\evil", "absolute path: C:/evil"],
    ]
  ) {
    const { message, found, name } = await outcome(zip({ [path]: "x" }));
    assert.equal(message, `Cannot unpack a.zip: it is damaged (${reason})`);
    assert.equal(name, "InputError");
    assert.deepEqual(found, {});
  }
});

Deno.test("unpackZip() refuses links and encrypted files", async () => {
  const link = zip({ a: "/etc/passwd" });
  const index = indexOf(link, 0x02014b50);
  link[index + 5] = 3; // made by Unix
  new DataView(link.buffer).setUint32(index + 38, 0o120777 * 65536, true);
  assert.equal((await outcome(link)).message, 'Cannot unpack a.zip: "a" is a link');

  const secret = zip({ a: "x" });
  secret[indexOf(secret, 0x02014b50) + 8] |= 1;
  assert.equal((await outcome(secret)).message, 'Cannot unpack a.zip: "a" is encrypted');
});

Deno.test("unpackZip() stops at its limits", async () => {
  const archive = zip({ a: "12345", b: "12345" });
  assert.equal(
    (await outcome(archive, { maxBytes: 9 })).message,
    "Cannot unpack a.zip: it holds more than 9 bytes",
  );
  assert.equal(
    (await outcome(archive, { maxEntries: 1 })).message,
    "Cannot unpack a.zip: it has more than 1 entries",
  );
});

Deno.test("unpackZip() does not believe a size that an entry claims", async () => {
  const bomb = zip({ a: "x".repeat(100_000) });
  new DataView(bomb.buffer).setUint32(indexOf(bomb, 0x02014b50) + 24, 5, true);
  assert.match(
    (await outcome(bomb)).message ?? "",
    /^Cannot unpack a\.zip: it is damaged \(too many bytes in the stream\. expected 5\. got at least \d+\)$/,
  );
});

Deno.test("unpackZip() says that an archive is damaged", async () => {
  const archive = zip({ a: String(Array.from({ length: 999 }, (_, i) => i * i)) });
  for (const length of [4, 30, 900, archive.length - 1]) {
    const { message } = await outcome(archive.subarray(0, length));
    assert.match(message ?? "", /^Cannot unpack a\.zip: it is damaged \(.+\)$/);
  }
  const wrong = archive.slice();
  wrong[40] ^= 8;
  assert.match(
    (await outcome(wrong)).message ?? "",
    /^Cannot unpack a\.zip: it is damaged \(.+\)$/,
  );
  const sum = archive.slice();
  sum[indexOf(sum, 0x02014b50) + 16] ^= 8;
  assert.equal(
    (await outcome(sum)).message,
    'Cannot unpack a.zip: it is damaged (the checksum of "a" is wrong)',
  );
});

Deno.test("unpackZip() stops when it is told to", async () => {
  const signal = AbortSignal.abort(new Error("stopped"));
  assert.equal((await outcome(zip({ a: "1" }), { signal })).message, "stopped");
});

Deno.test("unpacked() takes a folder as it is, and an archive apart anew", async () => {
  await using dir = await temporaryFolder();
  const place = `${dir.path}/place`;
  assert.equal(await unpacked(dir.path, place), dir.path);
  await Deno.writeFile(`${dir.path}/a.zip`, zip({ a: "1" }));
  await Deno.mkdir(place);
  await Deno.writeTextFile(`${place}/old`, "");
  assert.equal(await unpacked(`${dir.path}/a.zip`, place), place);
  assert.deepEqual(await content(place), { a: text("1") });
  await assert.rejects(unpacked(`${dir.path}/none`, place), {
    name: "InputError",
    message: `Cannot read ${dir.path}/none: no such file or folder`,
  });
});

function indexOf(bytes: Uint8Array, signature: number): number {
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (view.getUint32(at, true) === signature) return at;
  }
  assert.fail("no such signature");
}
