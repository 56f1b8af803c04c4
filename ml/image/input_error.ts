/**
 * The error for data that a person has to mend: a broken picture, a wrong annotation.
 *
 * @module
 */

/**
 * A fault in what was read, not in the program. The message names the file, what is there, what was
 * expected and what to do; the runner knows the name and shows it without a stack trace.
 */
export class InputError extends Error {
  override name = "InputError";
}
