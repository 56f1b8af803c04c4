/**
 * The command line run on this project, with a store elsewhere: to kill its stages.
 *
 * @module
 */
import { join, resolve } from "node:path";
import type { Document } from "./project.ts";

const HOME = resolve(import.meta.dirname!, "../..");

/** A run under way. */
export interface KillableRun {
  pid: number;
  ended: Promise<{ code: number; stderr: string; document: Document | undefined }>;
}

/** Starts `run FILE --json`. @param file absolute path of a pipeline */
export function startRun(file: string, store: string): KillableRun {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-all",
      join(HOME, "runner/main.ts"),
      "run",
      file,
      "--json",
    ],
    cwd: HOME,
    env: { NO_COLOR: "1", INIT_CWD: HOME, SR4IR_ROOT: HOME, SR4IR_STORE: store },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return {
    pid: child.pid,
    ended: child.output().then(({ code, stdout, stderr }) => {
      const text = new TextDecoder().decode(stdout);
      return {
        code,
        stderr: new TextDecoder().decode(stderr),
        document: text === "" ? undefined : JSON.parse(text),
      };
    }),
  };
}

/** Processes that a process has started; none where the system does not tell, or it is gone. */
export function childrenOf(pid: number): number[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean)
      .map(Number);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
