import assert from "node:assert/strict";
import {
  describeRuntime,
  type Machine,
  prepareRuntime,
  TFJS_VERSION,
} from "../../../ml/tensor/runtime.ts";
import config from "../../../deno.json" with { type: "json" };

const LIBRARY = { folder: "/cache/tensorflow-2.21.0", version: "2.21.0", from: "cache" } as const;

/** A machine with nothing, except what the test gives it. */
function machine(has: Partial<Machine> = {}): Machine {
  return {
    findLibrary: () => Promise.resolve(undefined),
    fetchLibrary: () => Promise.reject(new Error("pip is not installed")),
    canFetch: () => Promise.resolve(false),
    findGpu: () => Promise.resolve(undefined),
    env: () => undefined,
    ...has,
  };
}

const withLibrary = () => machine({ findLibrary: () => Promise.resolve(LIBRARY) });
const withPip = () =>
  machine({
    canFetch: () => Promise.resolve(true),
    fetchLibrary: (progress) => {
      progress(5, 5, "downloading TensorFlow 2.21.0");
      return Promise.resolve(LIBRARY);
    },
  });

const TENSORFLOW = { backend: "tensorflow", version: "2.21.0" };
const WASM = { backend: "wasm", version: "4.22.0" };

const HOW_TO_GET_IT =
  "To get it, install pip (python3 -m ensurepip, or the system's package python3-pip), see that " +
  "the package index can be reached, and run again; or set SR4IR_TENSORFLOW to a folder that " +
  "holds TensorFlow's C library";

Deno.test("auto is TensorFlow where it is or where pip can fetch it, else wasm", async () => {
  assert.deepEqual(await describeRuntime("auto", withLibrary()), TENSORFLOW);
  assert.deepEqual(await describeRuntime("auto", withPip()), TENSORFLOW);
  assert.deepEqual(await describeRuntime("auto", machine()), WASM);
});

Deno.test("a backend that is named is taken at its word", async () => {
  assert.deepEqual(await describeRuntime("tensorflow", machine()), TENSORFLOW);
  assert.deepEqual(await describeRuntime("wasm", withLibrary()), WASM);
  assert.deepEqual(await describeRuntime("webgpu", withLibrary()), {
    backend: "webgpu",
    version: "4.22.0",
  });
});

Deno.test("the version of a library at another place is its own", async () => {
  const other = { ...LIBRARY, version: "2.17.1" };
  const runtime = await describeRuntime(
    "auto",
    machine({ findLibrary: () => Promise.resolve(other) }),
  );
  assert.deepEqual(runtime, { backend: "tensorflow", version: "2.17.1" });
});

Deno.test("SR4IR_BACKEND decides where the command line does not", async () => {
  const wants = (backend: string) => ({
    ...withLibrary(),
    env: (name: string) => name === "SR4IR_BACKEND" ? backend : undefined,
  });
  assert.deepEqual(await describeRuntime("auto", wants("wasm")), WASM);
  assert.deepEqual(await describeRuntime("tensorflow", wants("wasm")), TENSORFLOW);
  await assert.rejects(describeRuntime("auto", wants("cuda")), {
    message: 'Cannot use the backend "cuda" (SR4IR_BACKEND): expected auto, tensorflow, webgpu, ' +
      "wasm",
  });
});

Deno.test("a prepared TensorFlow says what its process needs", async () => {
  assert.deepEqual(await prepareRuntime("auto", () => {}, withLibrary()), {
    ...TENSORFLOW,
    env: { SR4IR_BACKEND: "tensorflow", SR4IR_TENSORFLOW: "/cache/tensorflow-2.21.0" },
    read: ["/cache/tensorflow-2.21.0"],
  });
});

Deno.test("where CUDA's libraries lie is passed on", async () => {
  const { env } = await prepareRuntime("auto", () => {}, {
    ...withLibrary(),
    env: (name) => name === "LD_LIBRARY_PATH" ? "/usr/local/cuda/lib64" : undefined,
  });
  assert.equal(env.LD_LIBRARY_PATH, "/usr/local/cuda/lib64");
});

Deno.test("what is not there is fetched, with progress", async () => {
  const seen: unknown[] = [];
  const { backend } = await prepareRuntime("auto", (...step) => seen.push(step), withPip());
  assert.equal(backend, "tensorflow");
  assert.deepEqual(seen, [[5, 5, "downloading TensorFlow 2.21.0"]]);
});

Deno.test("where TensorFlow cannot be fetched, wasm works on, with a notice", async () => {
  assert.deepEqual(await prepareRuntime("auto", () => {}, machine()), {
    ...WASM,
    env: { SR4IR_BACKEND: "wasm" },
    read: [],
    notice:
      "TensorFlow could not be fetched: pip is not installed. Computing with wasm instead, 10 to " +
      `20 times slower: what takes 5 minutes will take an hour or more. ${HOW_TO_GET_IT}.`,
  });
});

Deno.test("a TensorFlow that was asked for by name and cannot be fetched is an error", async () => {
  await assert.rejects(prepareRuntime("tensorflow", () => {}, machine()), {
    message: `Cannot fetch TensorFlow: pip is not installed. ${HOW_TO_GET_IT}`,
  });
});

Deno.test("webgpu without a GPU is an error before any stage starts", async () => {
  await assert.rejects(prepareRuntime("webgpu", () => {}, machine()), {
    message:
      "Cannot compute with webgpu: no GPU adapter is there; install a Vulkan driver for the GPU, " +
      "or choose --backend tensorflow or wasm",
  });
  const gpu = () => Promise.resolve({ name: "a GPU", software: false });
  assert.deepEqual(await prepareRuntime("webgpu", () => {}, machine({ findGpu: gpu })), {
    backend: "webgpu",
    version: "4.22.0",
    env: { SR4IR_BACKEND: "webgpu" },
    read: [],
  });
});

Deno.test("the version of tfjs is the one that is installed", () => {
  for (const name of ["core", "layers", "backend-wasm", "backend-webgpu"] as const) {
    const installed = config.imports[`@tensorflow/tfjs-${name}`];
    assert.equal(installed, `npm:@tensorflow/tfjs-${name}@${TFJS_VERSION}`);
  }
});
