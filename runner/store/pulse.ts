/**
 * Lets what must happen every second happen during work that lets nothing else have its turn, such
 * as hashing a file of many gigabytes.
 *
 * @module
 */

/** Called often. They must be quick and not throw. */
const listeners = new Set<() => void>();

/** Has a function called now and then. @returns ends that */
export function onPulse(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** To be called between the pieces of long work, each of about a millisecond. */
export function pulse(): void {
  for (const listener of listeners) listener();
}
