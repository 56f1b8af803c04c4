/**
 * How much memory a stage uses: its process and all that this one has started.
 *
 * @module
 */

/** What was found. */
export interface UsedMemory {
  /** Resident; for a process alone, the most it has ever had. */
  bytes: number;
  /** How many processes share it. */
  processes: number;
}

/**
 * Asks the system.
 *
 * @param limit what would be too much: only then is counted more exactly, which takes longer
 * @returns undefined where the system does not tell (anything but Linux) or the process is gone
 */
export function usedMemory(pid: number, limit: number): UsedMemory | undefined {
  const peak = statusOf(pid)?.peak;
  if (peak === undefined) return undefined;
  const others = descendants(pid);
  if (others.length === 0) return { bytes: peak, processes: 1 };
  const all = [pid, ...others];
  // Pages that several share count in each of them: more than there is, never less.
  const most = sum(all, (each) => statusOf(each)?.now);
  const bytes = most <= limit ? most : sum(all, proportional);
  return { bytes: Math.max(peak, bytes), processes: all.length };
}

/** Ids of what a process has started, and what that has started. */
export function descendants(pid: number): number[] {
  const found: number[] = [];
  const pending = [pid];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const children = childrenOf(at);
    found.push(...children);
    pending.push(...children);
  }
  return found;
}

/** Each of its threads may have started some. */
function childrenOf(pid: number): number[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) =>
      (read(`/proc/${pid}/task/${name}/children`) ?? "").split(" ").filter(Boolean).map(Number)
    );
  } catch {
    return []; // it is gone
  }
}

/** Resident bytes, now and at most. */
function statusOf(pid: number): { now: number; peak: number } | undefined {
  const status = read(`/proc/${pid}/status`);
  const now = status && /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  const peak = status && /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return now && peak ? { now: Number(now) * 1024, peak: Number(peak) * 1024 } : undefined;
}

/** Resident bytes, those that n processes share as an n-th each. */
function proportional(pid: number): number | undefined {
  const pss = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1];
  return pss === undefined ? statusOf(pid)?.now : Number(pss) * 1024;
}

function sum(pids: number[], bytesOf: (pid: number) => number | undefined): number {
  return pids.reduce((total, pid) => total + (bytesOf(pid) ?? 0), 0);
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // gone, or another system
  }
}
