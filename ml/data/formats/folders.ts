/**
 * Looking around in a dataset's folder.
 *
 * @module
 */

/** Names in a folder, sorted; empty if it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) {
      throw error;
    }
  }
  return names.sort();
}

/** Paths of all files below a folder, in order; hidden ones are left out. */
export async function filesUnder(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const name of await namesIn(folder)) {
    if (name.startsWith(".")) continue;
    const path = `${folder}/${name}`;
    if ((await Deno.stat(path)).isDirectory) files.push(...await filesUnder(path));
    else files.push(path);
  }
  return files;
}

/**
 * The first folder whose names fit: the given one or, level by level, those below it.
 *
 * @param depth how many levels below are looked at
 */
export async function findBelow(
  folder: string,
  depth: number,
  fits: (names: string[]) => boolean,
): Promise<string | undefined> {
  for (let level = [folder]; depth >= 0; depth--) {
    const below: string[] = [];
    for (const place of level) {
      const names = await namesIn(place);
      if (fits(names)) return place;
      // Files hold no names, so asking them costs little; but there may be many.
      below.push(...names.filter((name) => !name.includes(".")).map((name) => `${place}/${name}`));
    }
    level = below;
  }
  return undefined;
}

/** Whether something lies at the path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    throw error;
  }
}

/** The first path at which something lies. */
export async function firstExisting(paths: Iterable<string>): Promise<string | undefined> {
  for (const path of paths) if (await exists(path)) return path;
  return undefined;
}

/** The part of a file name before its last dot. */
export function stemOf(name: string): string {
  return name.replace(/(?<=.)\.[^.]*$/, "");
}
