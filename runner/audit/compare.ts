/**
 * What a stage declares against what it has touched.
 *
 * @module
 */
import { sep } from "node:path";
import type { Touched } from "./access_log.ts";

/** What the contract, the params and the wiring say. */
export interface Declared {
  /** Real paths of modules, packages, its own folders, the tensor library: no question of contract. */
  given: string[];
  /** Input name → real paths of its folders. */
  inputs: Record<string, string[]>;
  /** Param name → real path. */
  externals: Record<string, string>;
  /** `name` or `name:port` */
  hosts: string[];
  compute: boolean;
  images: boolean;
}

/** What does not fit. */
export interface AuditFindings {
  /** Read, and not declared: their content counts in no key. */
  files: string[];
  /** Looked for and not there; not declared either. */
  absent: string[];
  hosts: string[];
  /** Facts about the system, which differ between machines. */
  system: string[];
  /** Native code was loaded by a stage that declares none. */
  native: boolean;
  /** Declared, and not touched: inputs, params, hosts, and the words `compute` and `images`. */
  unused: { inputs: string[]; externals: string[]; hosts: string[]; native: string[] };
  /** Variables of the person's environment that it asked for and that stages do not get. */
  hidden: string[];
}

/**
 * Compares.
 *
 * @param isThere whether a path exists
 * @param outside names of the person's variables that stages do not get
 */
export function compareAccesses(
  declared: Declared,
  touched: Touched,
  { isThere, outside }: { isThere: (path: string) => boolean; outside: ReadonlySet<string> },
): AuditFindings {
  const { inputs, externals, hosts, compute, images } = declared;
  const known = [...declared.given, ...Object.values(inputs).flat(), ...Object.values(externals)];
  const undeclared = touched.files.filter((path) => !known.some((one) => isIn(path, one)));
  const wasTouched = (place: string) => touched.files.some((path) => isIn(path, place));
  return {
    files: undeclared.filter(isThere),
    absent: undeclared.filter((path) => !isThere(path)),
    hosts: touched.hosts.filter((host) => !hosts.some((one) => coversHost(one, host))),
    system: touched.system,
    native: touched.native && !compute && !images,
    unused: {
      inputs: Object.keys(inputs).filter((name) => !inputs[name].some(wasTouched)),
      externals: Object.keys(externals).filter((name) => !wasTouched(externals[name])),
      hosts: hosts.filter((host) => !touched.hosts.some((one) => coversHost(host, one))),
      native: touched.native
        ? []
        : [compute ? "compute" : "", images ? "images" : ""].filter(Boolean),
    },
    hidden: touched.variables.filter((name) => outside.has(name)),
  };
}

/** Whether anything was touched that is not declared. */
export function isUndeclared({ files, hosts, system, native }: AuditFindings): boolean {
  return files.length > 0 || hosts.length > 0 || system.length > 0 || native;
}

function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(place.endsWith(sep) ? place : place + sep);
}

/** `a.org` covers all its ports. */
function coversHost(declared: string, host: string): boolean {
  return declared === host || (!declared.includes(":") && host.startsWith(`${declared}:`));
}
