/**
 * Programs beside the runner as a person runs them: by their task of deno.json.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import type { TestFolder } from "./folder.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a task's command, standing in the folder, with a store in it. */
export async function runTool(
  task: keyof typeof config.tasks,
  folder: TestFolder,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [, ...command] = config.tasks[task].command.split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...command, ...args, "--store", `${folder.path}/store`],
    cwd: ROOT,
    env: { INIT_CWD: folder.path, NO_COLOR: "1", SR4IR_STORE: "", SR4IR_ROOT: ROOT },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
