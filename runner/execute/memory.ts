/**
 * How much memory a process has used at most.
 *
 * @module
 */

/**
 * Asks the system.
 *
 * @returns peak resident bytes, or undefined where the system does not tell (anything but Linux) or
 *   the process is gone
 */
export function peakMemory(pid: number): number | undefined {
  let status: string;
  try {
    status = Deno.readTextFileSync(`/proc/${pid}/status`);
  } catch {
    return undefined;
  }
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(status);
  return match ? Number(match[1]) * 1024 : undefined;
}
