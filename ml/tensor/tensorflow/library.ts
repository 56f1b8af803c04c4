/**
 * Finds TensorFlow's C library on this machine, or fetches it once and verifies it.
 *
 * It comes out of TensorFlow's Python wheel; no Python is needed afterwards. Where it lies: in the
 * folder that `SR4IR_TENSORFLOW` names, else in the user's cache folder.
 *
 * @module
 */
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "./cache_folder.ts";
import { FRAMEWORK_LIBRARY, TENSORFLOW_LIBRARY } from "./library_files.ts";
import { libraryVersion } from "./library_version.ts";
import { downloadWheel, findPip, type Progress } from "./pip.ts";
import { unpackLibraries, verifyWheel } from "./unpack.ts";
import { type Wheel, wheelFor } from "./wheel.ts";

/** Names a folder with both libraries; it wins over the cache. */
export const FOLDER_VARIABLE = "SR4IR_TENSORFLOW";

/** The library, ready to be loaded. */
export interface Library {
  /** Real path. */
  folder: string;
  version: string;
  /** Who says so. */
  from: typeof FOLDER_VARIABLE | "cache";
}

/**
 * Looks for the library; downloads nothing.
 *
 * @throws {Error} if `SR4IR_TENSORFLOW` names a folder that does not hold a usable library
 */
export async function findLibrary(
  env: (name: string) => string | undefined = (name) => Deno.env.get(name),
): Promise<Library | undefined> {
  const named = env(FOLDER_VARIABLE);
  if (named) return await libraryIn(named);
  const wheel = wheelFor();
  return wheel && await cachedLibrary(wheel);
}

/**
 * Finds the library or fetches it with pip: 260 MiB, then 815 MiB on the disk. Several processes may
 * call this at once, and any of them may be killed: the next one goes on.
 *
 * @param wheel what to fetch; undefined if nothing is published for this machine
 * @throws {Error} whose message says what is wrong and fits after "Cannot fetch TensorFlow: "
 */
export async function fetchLibrary(
  progress: Progress,
  wheel: Wheel | undefined = wheelFor(),
): Promise<Library> {
  if (wheel === undefined) {
    throw new Error(`none is published for ${Deno.build.os} on ${Deno.build.arch}`);
  }
  const root = cacheFolder();
  await Deno.mkdir(root, { recursive: true });
  // The system gives this lock back when its owner dies, however it dies.
  using lock = await Deno.open(join(root, `tensorflow-${wheel.version}.lock`), {
    create: true,
    write: true,
  });
  if (!await lock.tryLock(true)) {
    progress(0, wheel.bytes, "waiting for another process that fetches TensorFlow");
    await lock.lock(true);
  }
  return await cachedLibrary(wheel) ?? await fetchLocked(wheel, root, progress);
}

async function fetchLocked(wheel: Wheel, root: string, progress: Progress): Promise<Library> {
  const partial = join(root, `tensorflow-${wheel.version}.partial`);
  const libraries = join(partial, "libraries");
  await Deno.mkdir(partial, { recursive: true });

  const path = await verifiedWheel(wheel, join(partial, "wheel"), progress);
  await removeFolder(libraries);
  await Deno.mkdir(libraries);
  await unpackLibraries(path, wheel, libraries, progress);

  const folder = join(root, `tensorflow-${wheel.version}`);
  await removeFolder(folder); // only there if it was incomplete
  await Deno.rename(libraries, folder);
  await removeFolder(partial);
  return { folder: await Deno.realPath(folder), version: wheel.version, from: "cache" };
}

/** A wheel that an interrupted process has left whole is used again. */
async function verifiedWheel(wheel: Wheel, folder: string, progress: Progress): Promise<string> {
  const left = await completeFile(folder, wheel.bytes);
  if (left !== undefined) {
    try {
      await verifyWheel(left, wheel, progress);
      return left;
    } catch {
      // Damaged: a fresh one is fetched below and checked in turn.
    }
  }
  await removeFolder(folder);
  await Deno.mkdir(folder);
  await requireSpace(folder, wheel);
  const pip = await findPip();
  if (pip === undefined) throw new Error("pip is not installed");
  const path = await downloadWheel(pip, wheel, folder, progress);
  try {
    await verifyWheel(path, wheel, progress);
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
  return path;
}

async function completeFile(folder: string, bytes: number): Promise<string | undefined> {
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isFile && (await Deno.stat(path)).size === bytes) return path;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

async function requireSpace(folder: string, wheel: Wheel): Promise<void> {
  const unpacked = Object.values(wheel.libraries).reduce((a, b) => a + b, 0);
  const needed = wheel.bytes + Math.max(wheel.bytes, unpacked); // pip holds two copies for a moment
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < needed) {
    throw new Error(
      `it needs ${gib(needed)}, ${gib(bavail * bsize)} free in ${folder}; ` +
        "XDG_CACHE_HOME may name a folder on another disk",
    );
  }
}

function gib(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

/** Complete means: both files there with the pinned sizes. */
async function cachedLibrary(wheel: Wheel): Promise<Library | undefined> {
  const folder = join(cacheFolder(), `tensorflow-${wheel.version}`);
  for (const [name, bytes] of Object.entries(wheel.libraries)) {
    if ((await stat(join(folder, name)))?.size !== bytes) return undefined;
  }
  return { folder: await Deno.realPath(folder), version: wheel.version, from: "cache" };
}

async function libraryIn(named: string): Promise<Library> {
  for (const name of [FRAMEWORK_LIBRARY, TENSORFLOW_LIBRARY]) {
    if (!(await stat(join(named, name)))?.isFile) {
      throw new Error(
        `Cannot use TensorFlow from ${named} (${FOLDER_VARIABLE}): ${name} is not there; ` +
          `give the folder that holds ${FRAMEWORK_LIBRARY} and ${TENSORFLOW_LIBRARY}, ` +
          "or unset the variable to have it fetched",
      );
    }
  }
  const folder = await Deno.realPath(named);
  return { folder, version: await libraryVersion(folder), from: FOLDER_VARIABLE };
}

async function stat(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
