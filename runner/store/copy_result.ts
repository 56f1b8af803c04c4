/**
 * Results from one store to another on the same machine, without copying what a link can share.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";
import { hasCode, parent } from "./files.ts";
import type { Store } from "./store.ts";

/** Gives a result with all its files to another store. @throws {RangeError} if a folder of it is gone */
export function copyResult(record: ActionRecord, from: Store, to: Store): void {
  copyObject(record.log, from, to);
  for (const digest of Object.values(record.outputs)) {
    const tree = from.peekTree(digest);
    if (tree === undefined) throw new RangeError(`Cannot copy ${record.key}: ${digest} is gone`);
    for (const file of tree.files) copyObject(file.digest, from, to);
    copyObject(digest, from, to);
  }
  to.takeRecord(record);
}

/** Stored files are never written to, so both stores may have the same one. */
function copyObject(digest: string, from: Store, to: Store): void {
  const [source, target] = [from.objectPath(digest), to.objectPath(digest)];
  Deno.mkdirSync(parent(target), { recursive: true });
  try {
    Deno.linkSync(source, target);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return; // two folders have it
    if (!hasCode(error, "EXDEV", "EPERM", "EMLINK", "ENOTSUP")) throw error;
    to.putFile(source); // a file system without links
  }
}
