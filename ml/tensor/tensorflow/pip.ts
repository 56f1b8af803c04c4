/**
 * Asks pip for one wheel, and watches it arrive.
 *
 * @module
 */
import { join } from "node:path";
import type { Wheel } from "./wheel.ts";

/** How much of a piece of work is done. */
export type Progress = (done: number, total: number, what: string) => void;

/** How pip may be called, in the order they are tried. */
const WAYS: readonly string[][] = [["python3", "-m", "pip"], ["pip3"], ["pip"], [
  "python",
  "-m",
  "pip",
]];

/** Milliseconds between looks at the growing file. */
const LOOK_EVERY = 150;

/** The command that starts a working pip, undefined if there is none. Takes about 0.3 s. */
export async function findPip(): Promise<string[] | undefined> {
  for (const way of WAYS) {
    const { code } = await start([...way, "--version"], {}).output;
    if (code === 0) return way;
  }
  return undefined;
}

/**
 * Downloads a wheel.
 *
 * @param folder empty; the wheel lies in it afterwards, beside what pip leaves
 * @returns the wheel's path; its content is not checked
 * @throws {Error} with pip's own last words
 */
export async function downloadWheel(
  pip: readonly string[],
  wheel: Wheel,
  folder: string,
  progress: Progress,
): Promise<string> {
  const temporary = join(folder, "tmp");
  await Deno.mkdir(temporary, { recursive: true });
  const child = start([
    ...pip,
    "download",
    "--no-deps",
    "--only-binary=:all:",
    "--implementation=cp",
    // The libraries need no Python; the wheel's name has to say one.
    "--python-version=3.11",
    `--platform=${wheel.platform}`,
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--no-input",
    "--retries=2",
    "--progress-bar=off",
    `--dest=${folder}`,
    `${wheel.package}==${wheel.version}`,
  ], { TMPDIR: temporary });

  const what = `downloading TensorFlow ${wheel.version}`;
  progress(0, wheel.bytes, what);
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = largestWheel(folder).then((found) => {
      if (found !== undefined) progress(Math.min(found.bytes, wheel.bytes), wheel.bytes, what);
    });
  }, LOOK_EVERY);
  const { code, stderr } = await child.output.finally(() => clearInterval(timer));
  await looking;
  if (code !== 0) throw new Error(`pip: ${lastWords(stderr) || `it ended with ${code}`}`);
  const found = await largestWheel(folder);
  if (found === undefined) throw new Error("pip: it ended well, but left no wheel");
  progress(wheel.bytes, wheel.bytes, what);
  return found.path;
}

/** pip writes to its temporary folder first and copies in the end: the larger file is ahead. */
async function largestWheel(folder: string): Promise<{ path: string; bytes: number } | undefined> {
  let best: { path: string; bytes: number } | undefined;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      const found = isDirectory
        ? await largestWheel(path)
        : name.endsWith(".whl")
        ? { path, bytes: (await Deno.stat(path)).size }
        : undefined;
      if (found !== undefined && found.bytes >= (best?.bytes ?? 0)) best = found;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // pip tidies up meanwhile
  }
  return best;
}

/** What to show of pip's complaints: a broken connection is the cause of the error that follows. */
export function lastWords(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const cause = lines.findLast((line) => line.includes("connection broken by"))
    ?.match(/connection broken by ["'](.*)["']: \//)?.[1]
    .replace(/^\w+\(["']?(<[^>]*>: )?/, "").replace(/["']?\)$/, "");
  if (cause !== undefined) return `no connection to the package index (${cause})`;
  const line = lines.findLast((line) => line.startsWith("ERROR:")) ?? lines.at(-1) ?? "";
  return line.replace(/^ERROR:\s*/, "");
}

/** Starts a program; one that does not exist ends with code 127. */
function start(
  [program, ...args]: string[],
  env: Record<string, string>,
): { output: Promise<{ code: number; stderr: string }> } {
  try {
    const child = new Deno.Command(program, {
      args,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const output = child.output().then(({ code, stderr }) => ({
      code,
      stderr: new TextDecoder().decode(stderr),
    }));
    return { output };
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied
    ) {
      return { output: Promise.resolve({ code: 127, stderr: error.message }) };
    }
    throw error;
  }
}
