/**
 * Temporary folders name their owner, so that the next runner can tell what a dead one left behind.
 *
 * @module
 */
import process from "node:process";
import { hasCode, removeIfThere } from "./files.ts";

/** Leftovers of other machines, whose processes cannot be asked, go after this many milliseconds. */
const FOREIGN_AGE = 7 * 24 * 3600 * 1000;

/** Returns a folder name that belongs to this process alone. */
export function ownName(): string {
  return `${Deno.hostname()}~${Deno.pid}~${crypto.randomUUID().slice(0, 8)}`;
}

/** Removes what dead processes left in a folder of temporary folders. */
export function removeLeftovers(folder: string): void {
  for (const { name } of Deno.readDirSync(folder)) {
    const [host, pid] = name.split("~");
    const path = `${folder}/${name}`;
    const dead = host === Deno.hostname() ? !isAlive(Number(pid)) : isOld(path);
    if (dead) removeIfThere(path);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

function isOld(path: string): boolean {
  try {
    const changed = Deno.lstatSync(path).mtime?.getTime() ?? 0;
    return Date.now() - changed > FOREIGN_AGE;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false; // its owner was quicker
    throw error;
  }
}
