import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { testFolder } from "../../helpers/folder.ts";
import { openWeights } from "../../../ml/weights/open_weights.ts";
import { bytes, dict, LEGACY_HEAD, little, pickled, raw, tensor, text } from "./pickles.ts";

/** More than 32 bits can count, in bytes. */
const HOLE = 4.5 * 2 ** 30;

/** A tensor that fills the hole, and one behind it. */
const COUNT = HOLE / 4;
const PICKLE = dict({
  large: tensor({ key: "0", count: COUNT }, [COUNT / 1024, 1024], [1024, 1]),
  corners: tensor({ key: "0", count: COUNT }, [2], [COUNT - 1]),
  column: tensor({ key: "0", count: COUNT }, [9, 2], [COUNT / 9, 1], 7),
  small: tensor({ key: "1", count: 2 }, [2], [1]),
});

/** Writes a file with holes; nothing of these is on the disk. */
function writeSparse(file: string, parts: (Uint8Array<ArrayBuffer> | number)[]): void {
  using handle = Deno.openSync(file, { write: true, create: true });
  for (const part of parts) {
    if (typeof part === "number") handle.seekSync(part, Deno.SeekMode.Current);
    else for (let at = 0; at < part.length;) at += handle.writeSync(part.subarray(at));
  }
}

/** Whether files here may have holes of this size. */
function sparseFilesWork(): boolean {
  using folder = testFolder();
  try {
    writeSparse(`${folder.path}/f`, [HOLE, Uint8Array.of(1)]);
    const { size, blocks } = Deno.statSync(`${folder.path}/f`);
    return size === HOLE + 1 && blocks !== null && blocks * 512 < 2 ** 20;
  } catch (error) {
    if (error instanceof Error && /os error (27|28)/.test(error.message)) return false;
    throw error;
  }
}

const works = sparseFilesWork();
const why = works ? "" : " (files here cannot have holes of 4.5 GiB)";

/** Reads all but the large tensor, and looks that nothing else has been read. */
async function checkLarge(file: string, format: string): Promise<void> {
  const opened = await openWeights(file);
  assert.equal(opened.format, format);
  const found: Record<string, unknown> = {};
  for (const { path: [name], shape, read } of opened.tensors) {
    found[name] = name === "large" ? shape : [...await read()];
  }
  assert.deepEqual(found, {
    large: [COUNT / 1024, 1024],
    corners: [0, 5],
    column: Array(18).fill(0),
    small: [0.25, -2],
  });
}

const FIVE = raw(Float32Array.of(5));
const SMALL = raw(Float32Array.of(0.25, -2));

Deno.test({
  name: `a legacy file of more than 4 GiB is read in part${why}`,
  ignore: !works,
  async fn() {
    using folder = testFolder();
    const file = `${folder.path}/large.pth`;
    const keys = pickled(`](${text("0")}${text("1")}e`);
    writeSparse(file, [
      bytes(LEGACY_HEAD + pickled(PICKLE) + keys + little(COUNT, 8)),
      HOLE - 4,
      FIVE,
      bytes(little(2, 8)),
      SMALL,
    ]);
    await checkLarge(file, "torch-legacy");
  },
});

Deno.test({
  name: `an archive of more than 4 GiB is read in part${why}`,
  ignore: !works,
  async fn() {
    using folder = testFolder();
    const file = `${folder.path}/large.pth`;
    const pickle = bytes(pickled(PICKLE));
    writeSparse(
      file,
      zip64([
        ["large/data.pkl", pickle.length, [pickle]],
        ["large/data/0", HOLE, [HOLE - 4, FIVE]],
        ["large/data/1", SMALL.length, [SMALL]],
      ]),
    );
    await checkLarge(file, "torch-zip");
  },
});

Deno.test({
  name: `memory stays near the tensors that are read${why}`,
  ignore: !works || Deno.build.os !== "linux",
  async fn() {
    using folder = testFolder();
    const file = `${folder.path}/large.pth`;
    const pickle = bytes(pickled(PICKLE));
    writeSparse(
      file,
      zip64([["a/data.pkl", pickle.length, [pickle]], ["a/data/0", HOLE, [HOLE]], [
        "a/data/1",
        SMALL.length,
        [SMALL],
      ]]),
    );
    const reader = new URL("../../../ml/weights/open_weights.ts", import.meta.url);
    folder.write({
      "read.ts": `
        import { openWeights } from ${JSON.stringify(reader.href)};
        for (const { path: [name], read } of (await openWeights(Deno.args[0])).tensors) {
          if (name !== "large") await read();
        }
        const status = Deno.readTextFileSync("/proc/self/status");
        console.log(/VmHWM:\\s*(\\d+)/.exec(status)[1]);
      `,
    });
    const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "-A",
        "--config",
        config,
        `${folder.path}/read.ts`,
        file,
      ],
      stderr: "inherit",
    }).output();
    const kibibytes = Number(new TextDecoder().decode(stdout));
    assert.ok(kibibytes > 0 && kibibytes < 2 ** 20, `${kibibytes} KiB for tensors of 100 bytes`);
  },
});

Deno.test({
  name: `safetensors of more than 4 GiB are read in part${why}`,
  ignore: !works,
  async fn() {
    using folder = testFolder();
    const file = `${folder.path}/large.safetensors`;
    const header = JSON.stringify({
      large: { dtype: "U8", shape: [HOLE], data_offsets: [0, HOLE] },
      small: { dtype: "F32", shape: [2], data_offsets: [HOLE, HOLE + 8] },
    });
    writeSparse(file, [bytes(little(header.length, 8) + header), HOLE, SMALL]);
    const [large, small] = (await openWeights(file)).tensors;
    assert.deepEqual(large.shape, [HOLE]);
    assert.deepEqual([...await small.read()], [0.25, -2]);
  },
});

/** An archive whose sizes and offsets have 64 bits, as PyTorch writes large ones. */
function zip64(
  entries: [name: string, size: number, content: (Uint8Array<ArrayBuffer> | number)[]][],
): (Uint8Array<ArrayBuffer> | number)[] {
  const parts: (Uint8Array<ArrayBuffer> | number)[] = [];
  const all = "\xff\xff\xff\xff"; // look into the extra field
  let index = "", offset = 0;
  for (const [name, size, content] of entries) {
    // version 45, no flags, stored, no time, no checksum
    const fields = little(45, 2) + little(0, 12) + all + all + little(name.length, 2);
    const sizes = little(size, 8) + little(size, 8);
    const local = `PK\x03\x04${fields}${little(20, 2)}${name}${little(1, 2)}${
      little(16, 2)
    }${sizes}`;
    parts.push(bytes(local), ...content);
    index += `PK\x01\x02${little(45, 2)}${fields}${little(28, 2)}${little(0, 10)}${all}${name}` +
      little(1, 2) + little(24, 2) + sizes + little(offset, 8);
    offset += local.length + size;
  }
  const count = little(entries.length, 8);
  parts.push(bytes(
    index +
      `PK\x06\x06${little(44, 8)}${little(45, 2)}${little(45, 2)}${little(0, 8)}${count}${count}` +
      little(index.length, 8) + little(offset, 8) +
      `PK\x06\x07${little(0, 4)}${little(offset + index.length, 8)}${little(1, 4)}` +
      `PK\x05\x06${little(0, 4)}\xff\xff\xff\xff${all}${all}\0\0`,
  ));
  return parts;
}
