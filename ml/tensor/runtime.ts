/**
 * Says which tensor library stages will compute with, and sees that it is there.
 *
 * For the runner, which computes nothing: loads in milliseconds, imports no tensor code.
 *
 * @module
 */
import { findGpuAdapter, type GpuAdapter } from "./gpu_adapter.ts";
import { fetchLibrary, findLibrary, FOLDER_VARIABLE, type Library } from "./tensorflow/library.ts";
import { findPip, type Progress } from "./tensorflow/pip.ts";
import { TENSORFLOW_VERSION, wheelFor } from "./tensorflow/wheel.ts";

/** Version of tfjs, which is what `wasm` and `webgpu` compute with. */
export const TFJS_VERSION = "4.22.0";

/** What a person may ask for. */
export const RUNTIME_CHOICES = ["auto", "tensorflow", "webgpu", "wasm"] as const;

/** One of {@link RUNTIME_CHOICES}. */
export type RuntimeChoice = typeof RUNTIME_CHOICES[number];

/** What results depend on. */
export interface Runtime {
  backend: "tensorflow" | "webgpu" | "wasm";
  /** Version of the library. */
  version: string;
}

/** A library that is there, and what a process needs to load it. */
export interface PreparedRuntime extends Runtime {
  /** Environment variables for the process. */
  env: Record<string, string>;
  /** Folders that it reads and loads native code from. */
  read: string[];
  /** What the person should know: why it is not the fast one, and how to get that. */
  notice?: string;
}

/** What can be replaced in tests. */
export interface Machine {
  findLibrary: () => Promise<Library | undefined>;
  fetchLibrary: (progress: Progress) => Promise<Library>;
  /** Whether {@link fetchLibrary} has a chance. */
  canFetch: () => Promise<boolean>;
  findGpu: () => Promise<GpuAdapter | undefined>;
  env: (name: string) => string | undefined;
}

const THIS_MACHINE: Machine = {
  findLibrary,
  fetchLibrary,
  canFetch: async () => wheelFor() !== undefined && await findPip() !== undefined,
  findGpu: findGpuAdapter,
  env: (name) => Deno.env.get(name),
};

/** Passed on to the process: where CUDA's libraries lie and which GPUs to use. */
const FOR_CUDA = ["LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"];

/**
 * Tells what {@link prepareRuntime} would give if nothing goes wrong. Downloads nothing; takes
 * milliseconds where the library has been fetched, else the time to see whether there is a pip.
 *
 * @param choice `auto`: `SR4IR_BACKEND` if set, else the fastest that can be had
 * @throws {Error} for a person, if `SR4IR_TENSORFLOW` or `SR4IR_BACKEND` is wrong
 */
export async function describeRuntime(
  choice: RuntimeChoice,
  machine: Machine = THIS_MACHINE,
): Promise<Runtime> {
  const wanted = resolveChoice(choice, machine);
  if (wanted === "webgpu" || wanted === "wasm") return tfjs(wanted);
  const library = await machine.findLibrary();
  if (library !== undefined) return { backend: "tensorflow", version: library.version };
  if (wanted === "tensorflow" || await machine.canFetch()) {
    return { backend: "tensorflow", version: TENSORFLOW_VERSION };
  }
  // webgpu only where it is asked for: it cannot train a detector (see webgpu.ts).
  return tfjs("wasm");
}

/**
 * Makes the library ready, fetching it at the first time.
 *
 * @param progress hears how far the fetching is, in bytes
 * @throws {Error} for a person, if what was asked for by name cannot be had
 */
export async function prepareRuntime(
  choice: RuntimeChoice,
  progress: Progress = () => {},
  machine: Machine = THIS_MACHINE,
): Promise<PreparedRuntime> {
  const wanted = resolveChoice(choice, machine);
  if (wanted === "wasm") return prepared(tfjs("wasm"));
  if (wanted === "webgpu") {
    if (await machine.findGpu() === undefined) {
      throw new Error(
        "Cannot compute with webgpu: no GPU adapter is there; install a Vulkan driver for the GPU, " +
          "or choose --backend tensorflow or wasm",
      );
    }
    return prepared(tfjs("webgpu"));
  }
  const there = await machine.findLibrary();
  if (there !== undefined) return withLibrary(there, machine);
  try {
    return withLibrary(await machine.fetchLibrary(progress), machine);
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0];
    if (wanted === "tensorflow") {
      throw new Error(`Cannot fetch TensorFlow: ${reason}. ${HOW_TO_GET_IT}`, { cause });
    }
    return withoutTensorFlow(reason);
  }
}

const HOW_TO_GET_IT =
  "To get it, install pip (python3 -m ensurepip, or the system's package python3-pip), see that the " +
  `package index can be reached, and run again; or set ${FOLDER_VARIABLE} to a folder that holds ` +
  "TensorFlow's C library";

function withoutTensorFlow(reason: string): PreparedRuntime {
  const notice = `TensorFlow could not be fetched: ${reason}. Computing with wasm instead, ` +
    `10 to 20 times slower: what takes 5 minutes will take an hour or more. ${HOW_TO_GET_IT}.`;
  return { ...prepared(tfjs("wasm")), notice };
}

function resolveChoice(choice: RuntimeChoice, machine: Machine): RuntimeChoice {
  const named = machine.env("SR4IR_BACKEND");
  if (choice !== "auto" || !named) return choice;
  const known = RUNTIME_CHOICES.find((each) => each === named);
  if (known === undefined) {
    throw new Error(
      `Cannot use the backend "${named}" (SR4IR_BACKEND): expected ${RUNTIME_CHOICES.join(", ")}`,
    );
  }
  return known;
}

function tfjs(backend: "webgpu" | "wasm"): Runtime {
  return { backend, version: TFJS_VERSION };
}

function prepared(runtime: Runtime): PreparedRuntime {
  return { ...runtime, env: { SR4IR_BACKEND: runtime.backend }, read: [] };
}

function withLibrary({ folder, version }: Library, machine: Machine): PreparedRuntime {
  const env: Record<string, string> = { SR4IR_BACKEND: "tensorflow", [FOLDER_VARIABLE]: folder };
  for (const name of FOR_CUDA) {
    const value = machine.env(name);
    if (value !== undefined) env[name] = value;
  }
  return { backend: "tensorflow", version, env, read: [folder] };
}
