/**
 * Tells which version of TensorFlow a folder holds.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { cacheFolder } from "./cache_folder.ts";
import { TENSORFLOW_LIBRARY } from "./library_files.ts";
import { TENSORFLOW_VERSION, wheelFor } from "./wheel.ts";

/**
 * Only the library itself knows; loading it takes a second, so the answer is remembered.
 *
 * @param folder real path of the folder with both libraries
 * @throws {Error} if it does not load
 */
export async function libraryVersion(folder: string): Promise<string> {
  const { size, mtime } = await Deno.stat(join(folder, TENSORFLOW_LIBRARY));
  // 800 MB with the very number of bytes of the pinned file is the pinned file.
  if (wheelFor()?.libraries[TENSORFLOW_LIBRARY] === size) return TENSORFLOW_VERSION;
  const identity = createHash("sha256").update(`${folder}\n${size}\n${mtime?.getTime()}`);
  const memory = join(cacheFolder(), "versions", identity.digest("hex").slice(0, 16));
  try {
    return await Deno.readTextFile(memory);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const version = await askVersion(folder);
  await Deno.mkdir(join(cacheFolder(), "versions"), { recursive: true });
  const fresh = `${memory}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(fresh, version);
  await Deno.rename(fresh, memory);
  return version;
}

/** In a process of its own: a broken library cannot take this one with it. */
async function askVersion(folder: string): Promise<string> {
  const script = join(import.meta.dirname!, "print_version.ts");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--no-prompt",
      `--allow-read=${folder}`,
      `--allow-ffi=${folder}`,
      script,
      folder,
    ],
    env: { TF_CPP_MIN_LOG_LEVEL: "3" },
    stdin: "null",
  }).output();
  if (code === 0) return new TextDecoder().decode(stdout).trim();
  const words = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
  throw new Error(words || `Cannot load TensorFlow from ${folder}: it ended without a word`);
}
