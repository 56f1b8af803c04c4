/**
 * All bytes of a folder.
 *
 * @module
 */

/** @returns content by path inside the folder */
export async function content(folder: string, inside = ""): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for await (const { name, isFile } of Deno.readDir(`${folder}/${inside}`)) {
    const path = `${inside}${name}`;
    if (isFile) files[path] = await Deno.readFile(`${folder}/${path}`);
    else Object.assign(files, await content(folder, `${path}/`));
  }
  return files;
}
