/**
 * A program that starts another on one processor.
 *
 * @module
 */
import { join } from "node:path";

/**
 * @returns the program and its arguments, to stand before a command; undefined where there is none
 *   (anything but Linux, or without util-linux)
 */
export function onOneProcessor(): string[] | undefined {
  const allowed = /^Cpus_allowed_list:\s*(\d+)/m.exec(read("/proc/self/status"))?.[1];
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  const taskset = folders.map((folder) => join(folder, "taskset")).find(isThere);
  return allowed && taskset ? [taskset, "--cpu-list", allowed] : undefined;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // another system
  }
}
