/**
 * Who holds something in a store, as a name that tells whether its owner still lives.
 *
 * A process is known by its number and by when it started, so that another one to which the system
 * gave the same number later is not taken for it; and by its machine as the processes on it see
 * it: two containers may have one host name and each a process 7.
 *
 * @module
 */
import process from "node:process";
import { digestBytes } from "./digest.ts";
import { hasCode } from "./files.ts";

/** A running program that uses a store. */
export interface Owner {
  host: string;
  /** Boot and process namespace of the host; empty where the system does not tell. */
  machine: string;
  pid: number;
  /** When the process started, in the system's words; empty where it does not tell. */
  started: string;
}

/** Whether an owner is still there; `elsewhere`: it cannot be asked from here. */
export type Life = "alive" | "dead" | "elsewhere";

const SEPARATOR = "~";

let self: Owner | undefined;

/** This process. */
export function thisOwner(): Owner {
  return self ??= processOwner(Deno.pid);
}

/** A living process of this machine. */
export function processOwner(pid: number): Owner {
  return {
    host: self?.host ?? Deno.hostname().replaceAll(/[^\w.-]/g, "_"),
    machine: self?.machine ?? machineId(),
    pid,
    started: startOf(pid) ?? "",
  };
}

/** Returns a file name that belongs to this process, another one each time. */
export function ownName(): string {
  return nameOf(thisOwner());
}

/** Returns a file name that tells an owner, another one each time. */
export function nameOf({ host, machine, pid, started }: Owner): string {
  return [host, machine, pid, started, crypto.randomUUID().slice(0, 8)].join(SEPARATOR);
}

/** Reads the owner out of a name that {@link nameOf} made; undefined if it did not. */
export function ownerOf(name: string): Owner | undefined {
  const parts = name.split(SEPARATOR);
  if (parts.length !== 5) return undefined;
  const [host, machine, pid, started] = parts;
  return /^\d+$/.test(pid) ? { host, machine, pid: Number(pid), started } : undefined;
}

/** Asks the system whether an owner still lives. */
export function lifeOf({ host, machine, pid, started }: Owner): Life {
  const here = thisOwner();
  if (host !== here.host || machine !== here.machine) return "elsewhere";
  if (!answers(pid)) return "dead";
  const now = startOf(pid);
  return now === undefined || started === "" || now === started ? "alive" : "dead";
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

function machineId(): string {
  if (Deno.build.os !== "linux") return "";
  try {
    const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id");
    return digestBytes(boot + Deno.readLinkSync("/proc/self/ns/pid")).slice(0, 12);
  } catch (error) {
    if (isUntold(error)) return "";
    throw error;
  }
}

/** When a process started, in the system's words; undefined if it does not tell. */
function startOf(pid: number): string | undefined {
  try {
    if (Deno.build.os === "linux") return ticksAtStart(Deno.readTextFileSync(`/proc/${pid}/stat`));
    const { stdout } = new Deno.Command("ps", {
      args: ["-o", "lstart=", "-p", String(pid)],
      env: { LC_ALL: "C", TZ: "UTC" }, // the same words for everybody who asks
    }).outputSync();
    return new TextDecoder().decode(stdout).trim().replaceAll(/\W+/g, "-") || undefined;
  } catch (error) {
    if (isUntold(error)) return undefined;
    throw error;
  }
}

/** The 22nd field: ticks of the clock since the machine started. */
function ticksAtStart(line: string): string {
  // The second field, the program's name, may hold anything, also spaces and brackets.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended: only its parent has not asked yet.
  return fields[0] === "Z" ? "ended" : fields[19];
}

function isUntold(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ESRCH", "EACCES", "EPERM") ||
    error instanceof Deno.errors.NotCapable;
}
