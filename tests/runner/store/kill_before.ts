/**
 * A process that kills itself before one of its changes to the disk.
 *
 * @module
 */

/** Every call by which the store changes the disk. */
const CHANGES = [
  "chmodSync",
  "copyFileSync",
  "linkSync",
  "mkdirSync",
  "removeSync",
  "renameSync",
  "utimeSync",
  "writeFileSync",
  "writeTextFileSync",
] as const;

/** Has this process killed before its n-th change from here on, counted from 0. */
export function killBefore(n: number): void {
  let count = 0;
  for (const name of CHANGES) {
    const change = Deno[name];
    Object.defineProperty(Deno, name, {
      value: (...args: unknown[]) => {
        if (count++ === n) Deno.kill(Deno.pid, "SIGKILL");
        return Reflect.apply(change, Deno, args);
      },
    });
  }
}
