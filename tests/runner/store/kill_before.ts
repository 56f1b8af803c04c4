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
  beforeChanges(() => {
    if (count++ === n) Deno.kill(Deno.pid, "SIGKILL");
  });
}

/** Does something before each change from here on. @param step told the call and its first path */
export function beforeChanges(step: (name: string, path: string) => void): void {
  for (const name of CHANGES) {
    const change = Deno[name];
    Object.defineProperty(Deno, name, {
      value: (...args: unknown[]) => {
        step(name, String(args[0]));
        return Reflect.apply(change, Deno, args);
      },
    });
  }
}
