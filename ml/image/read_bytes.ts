/**
 * Reads a file that a person has named or left out.
 *
 * @module
 */
import { InputError } from "./input_error.ts";

/** @throws {InputError} if there is no such file */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new InputError(`Cannot read ${path}: no such file`, { cause: error });
  }
}
