/**
 * Params that note what is read of them, so that a result need not depend on the rest.
 *
 * @module
 */

/** Where a param stands, e.g. `["sr", "epochs"]`. */
export type ParamPath = string[];

type Mapping = Record<string, unknown>;

/**
 * Returns a copy whose members tell when they are read. A mapping tells of itself, which stands for
 * its keys, and of each member apart; a list is one value.
 *
 * Getters rather than a Proxy: what has them can be cloned and sent to workers, which reads it, and
 * spreading, `JSON.stringify()` and `Object.entries()` do too. They cannot tell of keys that were only
 * asked for, so whoever compares must count the keys of each mapping that was read, and of the whole.
 *
 * @param params JSON data
 * @param onRead called before a value is handed out, once for each path; if it throws, nothing is
 */
export function trackReads(
  params: Mapping,
  onRead: (path: ParamPath) => void,
  path: ParamPath = [],
): Mapping {
  const tracked: Mapping = {};
  for (const [key, value] of Object.entries(params)) {
    const here = [...path, key];
    let known: { value: unknown } | undefined;
    const read = () => {
      if (known) return known.value;
      onRead(here);
      known = { value: isMapping(value) ? trackReads(value, onRead, here) : value };
      // From now on as quick as any other; not if the stage has frozen it.
      Reflect.defineProperty(tracked, key, { ...known, ...PLAIN });
      return known.value;
    };
    Object.defineProperty(tracked, key, {
      get: read,
      set(value) {
        Object.defineProperty(this, key, { value, ...PLAIN });
      },
      enumerable: true,
      configurable: true,
    });
  }
  // What is printed are values, not getters.
  Object.defineProperty(tracked, INSPECT, {
    value(this: Mapping, inspect: (value: unknown, options: object) => string, options: object) {
      return inspect({ ...this }, options);
    },
  });
  return tracked;
}

const PLAIN = { enumerable: true, configurable: true, writable: true };

const INSPECT = Symbol.for("Deno.customInspect");

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
