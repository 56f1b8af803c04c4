/**
 * Fetches the wheel that the first argument describes and prints what happened as JSON. A process of
 * its own: what it finds comes from the environment.
 *
 * @module
 */
import { fetchLibrary } from "../../ml/tensor/tensorflow/library.ts";

if (import.meta.main) {
  const seen: [number, number, string][] = [];
  try {
    const wheel = JSON.parse(Deno.args[0]);
    const library = await fetchLibrary((...step) => seen.push(step), wheel);
    console.log(JSON.stringify({ library, seen }));
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? error.message : error, seen }));
  }
}
