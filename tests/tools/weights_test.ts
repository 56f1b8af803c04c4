import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bytes, dict, raw, tensor, text, torchZip } from "../ml/weights/pickles.ts";
import { testFolder } from "../helpers/folder.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const CHECKPOINT = torchZip(
  dict({
    epoch: "K\x03",
    net_sr: dict({
      "module.head.weight": tensor({ count: 6 }, [2, 3], [3, 1]),
      "module.\x1b[2Jsteps": tensor({ key: "1", type: "torch\nLongStorage", count: 1 }, [], []),
    }),
    net_cls: dict({ bias: tensor({ count: 6 }, [3], [2]) }),
  }),
  { 0: raw(Float32Array.of(1, 2, 3, 4, 5, 6)), 1: raw(BigInt64Array.of(7n)) },
);

/** Runs the task's command, with the task's permissions. */
async function weights(...args: string[]) {
  using folder = testFolder({
    "w.pth": CHECKPOINT,
    "evil.pth": torchZip(`cposix\nsystem\n(${text("touch evil")}tR`),
    "text.pth": bytes("not a checkpoint"),
  });
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  const [, ...command] = tasks.weights.command.split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...command, ...args],
    cwd: ROOT,
    env: { INIT_CWD: folder.path, NO_COLOR: "1" },
  }).output();
  assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    "evil.pth",
    "text.pth",
    "w.pth",
  ]);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("weights shows names, types and shapes", async () => {
  const { code, stdout, stderr } = await weights("w.pth");
  assert.equal(stderr, "");
  assert.equal(
    stdout,
    `
w.pth: PyTorch's zip format, 3 tensors, 44 B
  name                       dtype    shape
  ──────────────────────────────────────────
  net_sr/module.head.weight  float32  [2, 3]
  net_sr/module.\ufffd[2Jsteps    int64    []
  net_cls/bias               float32  [3]
`.trimStart(),
  );
  assert.equal(code, 0);
});

Deno.test("weights --part --json shows what a network would be given", async () => {
  const { code, stdout } = await weights("w.pth", "--part", "net_sr", "--json");
  assert.deepEqual(JSON.parse(stdout), {
    file: "w.pth",
    format: "torch-zip",
    metadata: {},
    tensors: [
      { name: "head.weight", dtype: "float32", shape: [2, 3] },
      { name: "\x1b[2Jsteps", dtype: "int64", shape: [] },
    ],
  });
  assert.equal(code, 0);
});

Deno.test("weights says what is wrong with a file, and runs nothing of it", async () => {
  const evil = await weights("evil.pth");
  assert.match(
    evil.stderr,
    /^error: Cannot read evil\.pth: it names posix\.system \(before byte \d+\); this is not a file of weights alone, and nothing of it was run\. .*\n$/,
  );
  assert.equal(evil.code, 2);
  const other = await weights("text.pth");
  assert.equal(
    other.stderr,
    "error: Cannot read text.pth: it is no file of weights; expected a checkpoint of PyTorch " +
      "(.pth, .pt), .safetensors, .npz or .npy\n",
  );
  const part = await weights("w.pth", "--part", "net_seg");
  assert.equal(
    part.stderr,
    `
error: Cannot take weights from w.pth: the file has no part "net_seg"; its parts are:
  net_sr (2 tensors)
  net_cls (1 tensor)
`.trimStart(),
  );
  assert.equal(part.code, 2);
  assert.equal(part.stdout, "");
});
