/**
 * Where a result was made: provenance, not part of any key.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";

let host: ActionRecord["host"] | undefined;

/** Name, processor and system of this machine. */
export function describeHost(): ActionRecord["host"] {
  host ??= {
    name: Deno.hostname(),
    cpu: `${processorName()} (${navigator.hardwareConcurrency} threads)`,
    os: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
  };
  return host;
}

function processorName(): string {
  try {
    const info = Deno.readTextFileSync("/proc/cpuinfo");
    return /^model name\s*:\s*(.+)$/m.exec(info)?.[1] ?? Deno.build.arch;
  } catch {
    return Deno.build.arch; // only Linux has the file
  }
}
