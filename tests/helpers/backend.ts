/**
 * The tensor backend of a test file: the one this machine would choose by itself.
 *
 * @module
 */
import { type BackendName, startBackend } from "../../ml/tensor/backend.ts";
import { prepareRuntime } from "../../ml/tensor/runtime.ts";

/** Threads that tests compute with: the bits of results depend on their number. */
const THREADS = 2;

/** Descriptor of standard error. */
const STDERR = 2;

/**
 * Starts the backend of this process: what `SR4IR_BACKEND` and `SR4IR_TENSORFLOW` say, else the
 * fastest to be had. On a fresh machine this fetches TensorFlow, once.
 */
export async function testBackend(): Promise<BackendName> {
  const { env, notice } = await prepareRuntime("auto");
  if (notice !== undefined) console.warn(notice);
  const settings = { ...env, TF_DETERMINISTIC_OPS: "1", TF_CPP_MIN_LOG_LEVEL: "2" };
  for (const [name, value] of Object.entries(settings)) Deno.env.set(name, value);
  return await quietly(() => startBackend({ threads: THREADS }));
}

/** Without the greeting that TensorFlow writes to standard error whatever its log level is. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  if (Deno.build.os !== "linux") return await work();
  const libc = Deno.dlopen("libc.so.6", {
    dup: { parameters: ["i32"], result: "i32" },
    dup2: { parameters: ["i32", "i32"], result: "i32" },
    open: { parameters: ["buffer", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const { dup, dup2, open, close } = libc.symbols;
  const [stderr, nowhere] = [dup(STDERR), open(new TextEncoder().encode("/dev/null\0"), 1)];
  dup2(nowhere, STDERR);
  try {
    return await work();
  } finally {
    dup2(stderr, STDERR);
    close(stderr);
    close(nowhere);
    libc.close();
  }
}
