/**
 * Registers every gradient that tfjs lacks, once.
 *
 * @module
 */

/** Called by `startBackend` after the backend is there. */
export function registerGradients(): void {}
