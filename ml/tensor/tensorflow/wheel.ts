/**
 * Which Python wheel holds TensorFlow's C library for this machine: pinned, by hash.
 *
 * @module
 */
import wheels from "./wheels.json" with { type: "json" };

/** TensorFlow's version that is fetched. */
export const TENSORFLOW_VERSION: string = wheels.version;

/** One file of the package index. */
export interface Wheel {
  package: string;
  version: string;
  /** pip's platform tag. */
  platform: string;
  bytes: number;
  sha256: string;
  /** The libraries inside, `tensorflow/<name>`, with their sizes in bytes. */
  libraries: Record<string, number>;
}

/** The wheel for a machine, undefined if TensorFlow publishes none. */
export function wheelFor(
  machine: string = `${Deno.build.arch}-${Deno.build.os}`,
): Wheel | undefined {
  const known: Record<string, Omit<Wheel, "version">> = {
    "x86_64-linux": wheels["x86_64-linux"],
    "aarch64-linux": wheels["aarch64-linux"],
    "aarch64-darwin": wheels["aarch64-darwin"],
  };
  return known[machine] && { ...known[machine], version: wheels.version };
}
