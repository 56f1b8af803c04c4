/**
 * `doctor`: which tensor backends are here, which one is used, how fast they are.
 *
 * @module
 */
import { join } from "node:path";
import type { Surroundings } from "./options.ts";

/**
 * Measuring loads native code, which the runner itself never does: another process does it.
 *
 * @returns the exit code
 */
export async function doctorCommand(
  { json }: { json?: boolean },
  { root }: Surroundings,
): Promise<number> {
  const doctor = join(root, "ml", "tensor", "doctor.ts");
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", doctor, ...(json ? ["--json"] : [])],
    stdout: "inherit",
    stderr: "inherit",
    stdin: "null",
  }).output();
  return code;
}
