import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { unpackTar } from "../../../ml/data/tar.ts";
import type { UnpackOptions } from "../../../ml/data/unpacking.ts";
import { tarFile } from "../../helpers/tar.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** Unpacks and lists what then lies in the folder; the text of each file. */
async function unpacked(bytes: Uint8Array, options: UnpackOptions = {}) {
  await using dir = await temporaryFolder();
  await Deno.writeFile(`${dir.path}/a.tar`, bytes);
  const folder = `${dir.path}/inner/out`;
  await Deno.mkdir(folder, { recursive: true });
  let error: Error | undefined;
  let files = -1;
  try {
    files = await unpackTar(`${dir.path}/a.tar`, folder, options);
  } catch (caught) {
    assert.ok(caught instanceof Error);
    error = caught;
  }
  const content: Record<string, string> = {};
  for await (const path of walk(dir.path)) {
    const name = path.slice(dir.path.length + 1);
    if (name !== "a.tar") content[name.replace("inner/out/", "")] = await Deno.readTextFile(path);
  }
  return { files, content, message: error?.message.replaceAll(`${dir.path}/`, ""), error };
}

async function* walk(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
    assert.ok(!isSymlink, `${name} is a link`);
    if (isDirectory) yield* walk(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

Deno.test("unpackTar() writes files and folders and tells how far it is", async () => {
  const archive = await tarFile([
    { name: "VOC/", type: "directory" },
    { name: "VOC/a.txt", content: "one" },
    { name: "./VOC/deep/b.txt", content: "two" },
    { name: "big", content: "x".repeat(300_000) },
  ]);
  let last = [0, 0];
  const { files, content } = await unpacked(archive, { onProgress: (...at) => last = at });
  assert.equal(files, 3);
  assert.deepEqual(content, {
    "VOC/a.txt": "one",
    "VOC/deep/b.txt": "two",
    big: "x".repeat(300_000),
  });
  assert.deepEqual(last, [archive.length, archive.length]);
});

Deno.test("unpackTar() unpacks gzipped archives too", async () => {
  const archive = gzipSync(await tarFile([{ name: "a", content: "one" }]));
  assert.deepEqual((await unpacked(archive)).content, { a: "one" });
});

Deno.test("unpackTar() leaves out what is not included", async () => {
  const archive = await tarFile([{ name: "a", content: "1" }, { name: "b", content: "2" }]);
  const { content } = await unpacked(archive, { include: (path) => path === "b" });
  assert.deepEqual(content, { b: "2" });
});

Deno.test("unpackTar() writes nothing outside its folder", async () => {
  for (const name of ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:\\evil"]) {
    const { message, content, error } = await unpacked(await tarFile([{ name, content: "x" }]));
    assert.equal(
      message,
      `Cannot unpack a.tar: the entry "${name}" would land outside the folder`,
    );
    assert.equal(error?.name, "InputError");
    assert.deepEqual(content, {});
  }
});

Deno.test("unpackTar() keeps a path that leaves and comes back", async () => {
  const { content } = await unpacked(await tarFile([{ name: "a/../b", content: "x" }]));
  assert.deepEqual(content, { b: "x" });
});

Deno.test("unpackTar() turns links inside the archive into copies", async () => {
  const { content } = await unpacked(
    await tarFile([
      { name: "data/soft", type: "symlink", linkname: "../real" },
      { name: "real", content: "x" },
      { name: "data/hard", type: "link", linkname: "real" },
    ]),
  );
  assert.deepEqual(content, { real: "x", "data/soft": "x", "data/hard": "x" });
});

Deno.test("unpackTar() refuses links that lead outside", async () => {
  for (
    const [type, linkname] of [
      ["symlink", "../../x"],
      ["symlink", "/etc/passwd"],
      ["link", "../x"],
      ["link", "/etc/passwd"],
    ] as const
  ) {
    const { message } = await unpacked(await tarFile([{ name: "a/b", type, linkname }]));
    assert.equal(
      message,
      `Cannot unpack a.tar: the link "a/b" points at "${linkname}", outside the folder`,
    );
  }
});

Deno.test("unpackTar() never writes through a link", async () => {
  const { message, content } = await unpacked(
    await tarFile([
      { name: "here", type: "symlink", linkname: "." },
      { name: "here/x", content: "x" },
    ]),
  );
  assert.equal(
    message,
    'Cannot unpack a.tar: the link "here" points at "", which is not a file of the archive',
  );
  assert.deepEqual(content, { "here/x": "x" });
});

Deno.test("unpackTar() refuses devices", async () => {
  for (const type of ["character-device", "block-device", "fifo"] as const) {
    const { message } = await unpacked(await tarFile([{ name: "dev", type }]));
    assert.equal(message, `Cannot unpack a.tar: the entry "dev" is a ${type}`);
  }
});

Deno.test("unpackTar() stops at its limits", async () => {
  const archive = await tarFile([{ name: "a", content: "12345" }, { name: "b", content: "12345" }]);
  const { message } = await unpacked(archive, { maxBytes: 9 });
  assert.equal(message, "Cannot unpack a.tar: it holds more than 9 bytes");
  assert.equal(
    (await unpacked(archive, { maxEntries: 1 })).message,
    "Cannot unpack a.tar: it has more than 1 entries",
  );
});

Deno.test("unpackTar() says that an archive is damaged", async () => {
  const archive = await tarFile([{ name: "a", content: "x".repeat(5000) }]);
  assert.match(
    (await unpacked(archive.subarray(0, 3000))).message ?? "",
    /^Cannot unpack a\.tar: it is damaged \(.+\)$/,
  );
  assert.match(
    (await unpacked(new TextEncoder().encode("<html>".repeat(200)))).message ?? "",
    /^Cannot unpack a\.tar: it is damaged \(.+\)$/,
  );
  assert.match(
    (await unpacked(gzipSync(archive).subarray(0, 60))).message ?? "",
    /^Cannot unpack a\.tar: it is damaged \(.+\)$/,
  );
});

Deno.test("unpackTar() stops when it is told to", async () => {
  const archive = await tarFile([{ name: "a", content: "1" }]);
  const { message } = await unpacked(archive, { signal: AbortSignal.abort(new Error("stopped")) });
  assert.equal(message, "stopped");
});
