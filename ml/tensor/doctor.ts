/**
 * Which tensor backends are here, which one is used, how fast they are:
 * `deno run -A ml/tensor/doctor.ts [--json] [--backend NAME]`.
 *
 * @module
 */
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findGpuAdapter } from "./gpu_adapter.ts";
import { describeRuntime, prepareRuntime, type Runtime, TFJS_VERSION } from "./runtime.ts";
import type { Speed } from "./speed.ts";
import { findLibrary } from "./tensorflow/library.ts";
import { findPip } from "./tensorflow/pip.ts";
import { wheelFor } from "./tensorflow/wheel.ts";

/** What is known of one backend. */
export interface Finding {
  name: Runtime["backend"];
  available: boolean;
  version?: string;
  /** Where it is, or why it is not. */
  detail: string;
  /** Threads inside one operation. */
  threads?: number;
  /** GFLOP/s. */
  speed?: Speed;
}

/** Everything that is shown. */
export interface Report {
  machine: { cpu: string; threads: number; os: string; arch: string };
  /** What `--backend auto` means here. */
  default?: Runtime;
  /** Why it means nothing. */
  problem?: string;
  backends: Finding[];
}

/** Looks, and measures what is there, each backend in a process of its own. */
export async function examine(names: readonly Runtime["backend"][]): Promise<Report> {
  const threads = navigator.hardwareConcurrency;
  const look = { tensorflow: lookForTensorFlow, webgpu: lookForGpu, wasm: lookForWasm };
  const backends: Finding[] = [];
  for (const name of names) {
    const found = await look[name](threads);
    // One after the other: they share the processor.
    backends.push(found.available ? await measured(found) : found);
  }
  return {
    machine: {
      cpu: cpus()[0]?.model ?? "unknown processor",
      threads,
      os: Deno.build.os,
      arch: Deno.build.arch,
    },
    ...await automatic(),
    backends,
  };
}

async function automatic(): Promise<Pick<Report, "default" | "problem">> {
  try {
    return { default: await describeRuntime("auto") };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

async function lookForTensorFlow(threads: number): Promise<Finding> {
  const name = "tensorflow";
  try {
    const library = await findLibrary();
    if (library !== undefined) {
      const { folder, version, from } = library;
      const origin = from === "cache" ? "fetched with pip" : `named by ${from}`;
      return { name, available: true, version, threads, detail: `${folder} (${origin})` };
    }
  } catch (error) {
    return { name, available: false, detail: messageOf(error) };
  }
  const wheel = wheelFor();
  const detail = wheel === undefined
    ? `none is published for ${Deno.build.os} on ${Deno.build.arch}`
    : await findPip() === undefined
    ? "not here, and there is no pip to fetch it with"
    : `not here yet: the first run fetches it with pip (${mib(wheel.bytes)} MiB, ` +
      `${mib(Object.values(wheel.libraries).reduce((a, b) => a + b))} MiB unpacked)`;
  return { name, available: false, detail };
}

async function lookForGpu(): Promise<Finding> {
  const name = "webgpu";
  const gpu = await findGpuAdapter();
  if (gpu === undefined) {
    return { name, available: false, detail: "no GPU adapter: no Vulkan, Metal or DirectX driver" };
  }
  const detail = `${gpu.name}${gpu.software ? ", a GPU played by the processor" : ""}`;
  return { name, available: true, version: TFJS_VERSION, detail };
}

function lookForWasm(): Promise<Finding> {
  const detail = "always here";
  return Promise.resolve({
    name: "wasm",
    available: true,
    version: TFJS_VERSION,
    threads: 1,
    detail,
  });
}

async function measured(finding: Finding): Promise<Finding> {
  const { env } = await prepareRuntime(finding.name);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-all",
      join(import.meta.dirname!, "speed.ts"),
      String(finding.threads ?? 1),
    ],
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: "2" },
    stdin: "null",
  }).output();
  if (code === 0) {
    return { ...finding, speed: JSON.parse(new TextDecoder().decode(stdout)) as Speed };
  }
  const words = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  return { ...finding, available: false, detail: words || `it ended with ${code}` };
}

/** The report as aligned text. */
export function reportText({ machine, backends, default: used, problem }: Report): string {
  const giga = (value: number | undefined) =>
    value === undefined ? "-" : value.toFixed(value < 10 ? 1 : 0);
  const rows = [
    ["BACKEND", "VERSION", "THREADS", "MATMUL", "CONV 3x3", ""],
    ...backends.map(({ name, version, threads, speed, detail }) => [
      name,
      version ?? "-",
      threads?.toString() ?? "-",
      giga(speed?.matmul),
      giga(speed?.conv),
      detail,
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const numeric = (column: number) => column >= 2 && column <= 4;
  const lines = rows.map((row) =>
    row.map((cell, i) => numeric(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))
      .join("  ").trimEnd()
  );
  return [
    `Machine  ${machine.cpu}, ${machine.threads} threads, ${machine.os} ${machine.arch}`,
    `Used     ` +
    (used === undefined
      ? `nothing: ${problem}`
      : `${used.backend} ${used.version}, unless --backend says otherwise`),
    "",
    ...lines,
    "",
    "MATMUL and CONV 3x3 in GFLOP/s, float32: 1024x1024 matrices; 64 to 64 channels, 48x48, 4 images.",
  ].join("\n");
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const NAMES = ["tensorflow", "webgpu", "wasm"] as const;

/** @returns the exit code: 1 if the backend that was asked for is not here, 2 for wrong arguments */
export async function doctor(args: string[]): Promise<number> {
  let options: { json?: boolean; backend?: string };
  try {
    options = parseArgs({
      args,
      options: { json: { type: "boolean" }, backend: { type: "string" } },
    }).values;
  } catch (error) {
    console.error(`error: ${messageOf(error)}`);
    return 2;
  }
  const { json, backend } = options;
  const names = backend === undefined ? NAMES : NAMES.filter((name) => name === backend);
  if (names.length === 0) {
    console.error(`error: there is no backend "${backend}"; expected ${NAMES.join(", ")}`);
    return 2;
  }
  try {
    const report = await examine(names);
    console.log(json ? JSON.stringify(report, undefined, 2) : reportText(report));
    const missing = backend !== undefined && !report.backends[0].available;
    return missing || report.problem !== undefined ? 1 : 0;
  } catch (error) {
    console.error(`error: ${messageOf(error)}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await doctor(Deno.args));
