/**
 * Results from a store to a remote cache. Each file is hashed while it is read, and its last piece
 * leaves only if the digest is right: nobody gets something broken from here.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { ActionRecord } from "../../plan/record.ts";
import { statIfThere } from "../files.ts";
import type { Objects } from "../objects.ts";
import { encodeRecord } from "../records.ts";
import { decodeTree } from "../tree.ts";
import type { Line } from "./line.ts";
import { locally, readPiece } from "./pieces.ts";
import { type Bytes, contentEntry, LocalError, recordEntry } from "./place.ts";
import { forEachOf } from "./slots.ts";
import { type Progress, Tally } from "./tally.ts";

/** Files on the way at a time, of one result. */
const AT_ONCE = 12;

/**
 * Gives a result to a remote cache: contents first, the record last, so that whoever finds the
 * record finds the rest.
 *
 * @param there contents that are known to be there already; grows
 */
export async function sendResult(
  line: Line,
  objects: Objects,
  record: ActionRecord,
  there: Set<string>,
  progress: Progress,
): Promise<void> {
  const digests = new Set([...Object.values(record.outputs), record.log]);
  for (const tree of Object.values(record.outputs)) {
    const read = objects.readText(tree);
    if ("damage" in read) throw new LocalError(`${read.damage.what} ${read.damage.problem}`);
    decodeTree(read.text).files.forEach((file) => digests.add(file.digest));
  }
  // A log may be gone without making the result any worse.
  const files = [...digests].filter((digest) => !there.has(digest)).flatMap((digest) => {
    const size = statIfThere(objects.path(digest))?.size;
    return size === undefined && digest === record.log ? [] : [{ digest, size: size ?? 0 }];
  });
  const tally = new Tally(files, progress);
  await forEachOf(files, AT_ONCE, async ({ digest, size }) => {
    const entry = contentEntry(digest);
    const known = await line.look(entry);
    const moved = tally.forFile();
    if (known === undefined || (known.size ?? size) !== size) {
      await line.write(entry, () => contentOf(objects, digest, size, moved), size);
    }
    there.add(digest);
    moved(size);
  });
  const text = new TextEncoder().encode(encodeRecord(record));
  await line.write(recordEntry(record.key), () => piecesOf(text), text.length);
}

/** A content as it is sent; the last piece only once the digest of all is right. */
async function* contentOf(
  objects: Objects,
  digest: string,
  size: number,
  moved: (bytes: number) => void,
): Bytes {
  const hash = createHash("sha256");
  let done = 0;
  let last: Uint8Array | undefined;
  using file = await locally(() => Deno.open(objects.path(digest)));
  for (;;) {
    const piece = await locally(() => readPiece(file, size));
    if (piece === null) break;
    if (last) {
      yield last;
      moved(done += last.length);
    }
    hash.update(last = piece);
  }
  if (hash.digest("hex") !== digest) {
    const damage = objects.check(digest, { size, full: true });
    throw new LocalError(`${objects.name(digest)} ${damage?.problem ?? "has changed meanwhile"}`);
  }
  if (last) yield last;
}

async function* piecesOf(bytes: Uint8Array): Bytes {
  yield await Promise.resolve(bytes);
}
