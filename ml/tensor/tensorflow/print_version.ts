/**
 * Prints the version of the TensorFlow library in a folder: `print_version.ts FOLDER`.
 *
 * @module
 */
import { loadTensorFlow } from "./c_api.ts";

if (import.meta.main) {
  try {
    const version = loadTensorFlow(Deno.args[0]).symbols.TF_Version();
    console.log(version === null ? "unknown" : Deno.UnsafePointerView.getCString(version));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
