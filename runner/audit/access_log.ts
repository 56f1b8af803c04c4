/**
 * What a process has touched, as Deno writes it down when `DENO_AUDIT_PERMISSIONS` names a file.
 *
 * Each line is an object `{ permission, value }`. A file that is opened is there as read and as
 * written, whichever it was, and also when it is not there or was refused. A program that is started
 * is not there.
 *
 * @module
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Everything that was asked for, each once, in the order of the first time. */
export interface Touched {
  /** Absolute paths, links followed. */
  files: string[];
  /** `name:port` */
  hosts: string[];
  /** Variables of the environment. */
  variables: string[];
  /** Whether native code was loaded. */
  native: boolean;
  /** Kinds of facts about the system, such as `hostname`. */
  system: string[];
}

/** The variable that names the file. */
export const AUDIT_VARIABLE = "DENO_AUDIT_PERMISSIONS";

/**
 * Reads the lines; those that are none are passed over, as the last may be torn.
 *
 * @param folder that relative paths start from
 */
export function readAccesses(text: string, folder: string): Touched {
  const found = { files: new Set<string>(), net: new Set<string>(), env: new Set<string>() };
  const system = new Set<string>();
  let native = false;
  for (const line of text.split("\n")) {
    const access = parse(line);
    switch (access?.permission) {
      case "read":
      case "write":
        found.files.add(real(pathOf(access.value, folder)));
        break;
      case "net":
        found.net.add(access.value);
        break;
      case "env":
        found.env.add(access.value);
        break;
      case "sys":
        system.add(access.value);
        break;
      case "ffi":
        native = true;
    }
  }
  return {
    files: [...found.files],
    hosts: [...found.net],
    variables: [...found.env],
    native,
    system: [...system],
  };
}

/** Modules are there by their address, other files as they were named. */
function pathOf(value: string, folder: string): string {
  return value.startsWith("file:") ? fileURLToPath(value) : resolve(folder, value);
}

function parse(line: string): { permission: string; value: string } | undefined {
  try {
    const access: unknown = JSON.parse(line);
    return isAccess(access) ? { ...access, value: String(access.value ?? "") } : undefined;
  } catch {
    return undefined;
  }
}

function isAccess(value: unknown): value is { permission: string; value: unknown } {
  return typeof value === "object" && value !== null && "permission" in value &&
    typeof value.permission === "string" && "value" in value;
}

/** The file behind links: Deno judges a link by where it lies, the key counts where it leads. */
function real(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path; // not there, or gone by now
  }
}
