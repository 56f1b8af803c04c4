/**
 * Files that are whole or not there, whenever the process is killed or the power fails.
 *
 * @module
 */

/**
 * Writes a file under another name and gives it its own once it is on the disk; an older one stays
 * until then.
 *
 * @param write writes the file of the given name
 */
export async function replaceFile(
  file: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.tmp`;
  await write(temporary);
  {
    using written = await Deno.open(temporary);
    await written.sync();
  }
  await Deno.rename(temporary, file);
}
