/**
 * Feeding an archive's reader no faster than it reads.
 *
 * @module
 */
import type { Extract } from "tar-stream";

/** Waits until it takes more, or is closed, e.g. by an error. */
export function drained(reader: Extract): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      reader.off("drain", done);
      reader.off("close", done);
      resolve();
    };
    reader.on("drain", done);
    reader.on("close", done);
  });
}
