/**
 * What has been decoded from files, kept in memory up to a number of bytes.
 *
 * @module
 */

/**
 * A reader that keeps what it has read until `budget` bytes are full; later files are decoded every
 * time. Keeping the first ones rather than the latest is right for epochs: the least recently used
 * file is the one that comes next.
 *
 * @param read decodes a file
 * @param budget bytes of `data`
 */
export function fileCache<T extends { data: Uint8Array }>(
  read: (file: string) => Promise<T>,
  budget: number,
): (file: string) => Promise<T> {
  const kept = new Map<string, T>();
  let used = 0;
  return async (file) => {
    const known = kept.get(file);
    if (known !== undefined) return known;
    const content = await read(file);
    if (!kept.has(file) && used + content.data.length <= budget) {
      used += content.data.length;
      kept.set(file, content);
    }
    return content;
  };
}
