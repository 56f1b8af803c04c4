import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { reportText } from "../../../ml/tensor/doctor.ts";

const DOCTOR = fileURLToPath(new URL("../../../ml/tensor/doctor.ts", import.meta.url));

async function doctor(args: string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", DOCTOR, ...args],
    env,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("the report lists backends in columns, with what is measured or why it is missing", () => {
  const text = reportText({
    machine: { cpu: "EPYC 9R14", threads: 2, os: "linux", arch: "x86_64" },
    default: { backend: "tensorflow", version: "2.21.0" },
    backends: [
      {
        name: "tensorflow",
        available: true,
        version: "2.21.0",
        threads: 2,
        speed: { matmul: 460.4, conv: 448.7 },
        detail: "/cache/tensorflow-2.21.0 (fetched with pip)",
      },
      { name: "webgpu", available: false, detail: "no GPU adapter" },
      {
        name: "wasm",
        available: true,
        version: "4.22.0",
        threads: 1,
        speed: { matmul: 24.31, conv: 9.06 },
        detail: "always here",
      },
    ],
  });
  assert.equal(
    text,
    `
Machine  EPYC 9R14, 2 threads, linux x86_64
Used     tensorflow 2.21.0, unless --backend says otherwise

BACKEND     VERSION  THREADS  MATMUL  CONV 3x3
tensorflow  2.21.0         2     460       449  /cache/tensorflow-2.21.0 (fetched with pip)
webgpu      -              -       -         -  no GPU adapter
wasm        4.22.0         1      24       9.1  always here

MATMUL and CONV 3x3 in GFLOP/s, float32: 1024x1024 matrices; 64 to 64 channels, 48x48, 4 images.
`.trim(),
  );
});

Deno.test("doctor --json measures the backend that is asked for", async () => {
  const { code, stdout } = await doctor(["--json", "--backend", "wasm"]);
  assert.equal(code, 0);
  const { machine, default: used, backends: [wasm, ...others] } = JSON.parse(stdout);
  assert.equal(machine.os, Deno.build.os);
  assert.ok(["tensorflow", "wasm"].includes(used.backend));
  assert.deepEqual(others, []);
  assert.deepEqual({ ...wasm, speed: undefined }, {
    name: "wasm",
    available: true,
    version: "4.22.0",
    threads: 1,
    detail: "always here",
    speed: undefined,
  });
  assert.ok(wasm.speed.matmul > 0 && wasm.speed.conv > 0);
});

Deno.test("doctor says what is wrong with a named library instead of failing", async () => {
  const missing = "/no/such/folder";
  const { code, stdout } = await doctor(["--json", "--backend", "tensorflow"], {
    SR4IR_TENSORFLOW: missing,
    SR4IR_BACKEND: "",
  });
  assert.equal(code, 1);
  const { problem, backends } = JSON.parse(stdout);
  assert.match(problem, /^Cannot use TensorFlow from \/no\/such\/folder \(SR4IR_TENSORFLOW\): /);
  assert.deepEqual(backends, [{ name: "tensorflow", available: false, detail: problem }]);
});

Deno.test("doctor names the backends it knows for an unknown one", async () => {
  const { code, stderr } = await doctor(["--backend", "cuda"]);
  assert.equal(code, 2);
  assert.equal(
    stderr,
    'error: there is no backend "cuda"; expected tensorflow, webgpu, wasm\n',
  );
});
