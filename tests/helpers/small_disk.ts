/**
 * A filesystem of its own in memory, as large as one likes: to see what happens when it is full, or
 * read-only.
 *
 * @module
 */

/** A mounted filesystem; unmounted when disposed of. */
export interface SmallDisk extends Disposable {
  path: string;
  /** Makes it larger or smaller. */
  resize(kibibytes: number): void;
  /** Forbids writing, or allows it again. */
  readOnly(yes: boolean): void;
}

/** Why there are no such disks here; undefined if there are. They take the rights of root. */
export const NO_SMALL_DISKS: string | undefined = (() => {
  if (Deno.build.os !== "linux") return "only Linux mounts filesystems in memory";
  try {
    using _ = smallDisk(64);
    return undefined;
  } catch (error) {
    return `not allowed to mount: ${error instanceof Error ? error.message : error}`;
  }
})();

/** Mounts one. @throws {Error} if that is not allowed */
export function smallDisk(kibibytes: number): SmallDisk {
  const path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "disk-" }));
  try {
    start("mount", "-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", path);
  } catch (error) {
    Deno.removeSync(path);
    throw error;
  }
  return {
    path,
    resize: (kibibytes) => start("mount", "-o", `remount,size=${kibibytes}k`, path),
    readOnly: (yes) => start("mount", "-o", `remount,${yes ? "ro" : "rw"}`, path),
    [Symbol.dispose]() {
      start("umount", path);
      Deno.removeSync(path);
    },
  };
}

function start(program: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(program, { args }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}
