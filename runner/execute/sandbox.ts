/**
 * From what a stage declares to what its process may touch: Deno's permission flags and a bare
 * environment.
 *
 * Nothing is open by default. Reading is allowed for the code that the stage reaches, its inputs
 * and its own folders; writing for its outputs and scratch; the network for named hosts; native code
 * for stages that compute or decode pictures. Native code is trusted: Deno cannot bound it.
 *
 * @module
 */
import type { StageInstance } from "../pipeline/instance.ts";
import type { StageRequest } from "./request.ts";

/** What the tensor library needs of a process that loads it. */
export interface RuntimeAccess {
  env: Record<string, string>;
  /** Files and folders it reads and loads code from. */
  read: string[];
}

/** What goes into the flags besides the stage itself. */
export interface SandboxOptions {
  instance: StageInstance;
  request: StageRequest;
  requestFile: string;
  /** Real paths of the modules that the stage reaches. */
  code: string[];
  /** Real path of the packages' folder. */
  packages: string;
  /** Real paths of the inputs, in place of links to them. */
  inputs: string[];
  /** A folder for temporary files. */
  temporary: string;
  /** For compute stages. */
  runtime?: RuntimeAccess | undefined;
}

/**
 * Read by the codec's loader to tell which C library is here; without it the loader would ask for
 * the list of network interfaces and start a program.
 */
export const CODEC_PROBES = Deno.build.os === "linux" ? ["/usr/bin/ldd"] : [];

/** What the process may touch. @returns arguments for `deno run` */
export function permissionFlags(options: SandboxOptions): string[] {
  const { instance: { contract, params, externals }, request, code, packages, inputs } = options;
  const own = [...Object.values(request.outputs), request.scratch, options.temporary];
  const runtime = contract.compute ? options.runtime?.read ?? [] : [];

  const read = [
    ...code,
    packages,
    options.requestFile,
    ...own,
    ...inputs,
    ...externals.map((each) => each.path),
    ...runtime,
    ...(contract.images ? CODEC_PROBES : []),
  ];
  const hosts = contract.net?.(params) ?? [];
  return [
    list("--allow-read", read),
    list("--allow-write", [...own, request.events]),
    ...(hosts.length > 0 ? [list("--allow-net", hosts)] : []),
    ...nativeCode(contract, packages),
    // The environment is bare already; libraries probe for variables and take "not there" for an
    // answer, but not a refusal.
    "--allow-env",
  ];
}

/** Reading native memory, as tensors need, takes the whole permission; the codec's addon one folder. */
function nativeCode(contract: StageInstance["contract"], packages: string): string[] {
  if (contract.compute) return ["--allow-ffi"];
  return contract.images ? [list("--allow-ffi", [packages])] : [];
}

/** Passed on to every stage: where programs, the home and the user's language are. */
const ALWAYS = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ"];

/** Passed on to stages that use the network. */
const FOR_NETWORK = [
  ...["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap((n) => [n, n.toLowerCase()]),
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
];

/**
 * For tensors. Large blocks stay with the process instead of going back to the system after each
 * step, which saves a training step 15 % of its time; one gradient kernel of TensorFlow races
 * without its deterministic mode; and its greeting is not news.
 */
const FOR_COMPUTE = {
  TF_DETERMINISTIC_OPS: "1",
  TF_CPP_MIN_LOG_LEVEL: "2",
  MALLOC_MMAP_MAX_: "0",
  MALLOC_TRIM_THRESHOLD_: String(16 * 1024 ** 3),
};

/** What the process knows of the person's environment. @returns all its variables */
export function environment(
  { contract }: StageInstance,
  temporary: string,
  runtime: RuntimeAccess | undefined,
  get: (name: string) => string | undefined = (name) => Deno.env.get(name),
): Record<string, string> {
  const env: Record<string, string> = { TMPDIR: temporary, NO_COLOR: "1" };
  for (const name of contract.net ? [...ALWAYS, ...FOR_NETWORK] : ALWAYS) {
    const value = get(name);
    if (value !== undefined) env[name] = value;
  }
  return contract.compute ? { ...env, ...FOR_COMPUTE, ...runtime?.env } : env;
}

function list(flag: string, values: string[]): string {
  for (const value of values) {
    if (value.includes(",")) {
      throw new RangeError(
        `Cannot allow "${value}": its path has a comma, which separates paths in permission flags; ` +
          "rename the folder",
      );
    }
  }
  return `${flag}=${[...new Set(values)].sort().join(",")}`;
}
