/**
 * Where this project keeps what it fetches for the machine.
 *
 * @module
 */
import { join } from "node:path";

/** What is kept between runs: `$XDG_CACHE_HOME/sr4ir` or `~/.cache/sr4ir`. */
export function cacheFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME");
  if (cache) return join(cache, "sr4ir");
  const home = Deno.env.get("HOME");
  if (!home) {
    throw new Error(
      "Cannot tell where to keep TensorFlow: neither HOME nor XDG_CACHE_HOME is set",
    );
  }
  return join(home, ".cache", "sr4ir");
}
