/**
 * What a remote cache holds under a key: in the first line the record as stores have it, in the second
 * how the contents of its outputs lie there, and who vouches for it.
 *
 * A content that is in neither list lies there as it is, under its own digest. Entries with a first
 * line only are of earlier versions: all their contents do.
 *
 * @module
 */
import { z } from "zod";
import type { ActionRecord } from "../../plan/record.ts";
import { encodeRecord } from "../records.ts";
import { compress, expand, isCompressed } from "./compression.ts";
import type { Pack } from "./packs.ts";
import { digest, readForeignRecord } from "./shape.ts";

/** No entry is larger, in bytes: a server that talks on and on is not listened to. */
export const LARGEST_ENTRY = 64 * 2 ** 20;

/** A content that lies there compressed. */
export interface Compressed {
  /** Of the compressed bytes. */
  digest: string;
  /** How many these are. */
  bytes: number;
  /** Bytes of the content itself. */
  size: number;
}

/** How contents lie in a remote cache. */
export interface Layout {
  /** By the digest of the content. */
  compressed: Record<string, Compressed | undefined>;
  /** By the digest of the list of files. */
  packs: Record<string, Pack[] | undefined>;
}

/** Who vouches for a record: a code that needs the common secret, or a signature. Base64. */
export type Signature = { hmac: string } | { ed25519: string };

/** What lies under a key. */
export interface Entry {
  record: ActionRecord;
  layout: Layout;
  signature?: Signature | undefined;
}

/** Where bytes are asked for. */
export interface Lying {
  digest: string;
  bytes: number;
}

const size = z.int().nonnegative();

const SECOND_LINE = z.object({
  layout: z.object({
    compressed: z.record(digest, z.object({ digest, bytes: size, size })),
    packs: z.record(
      digest,
      z.array(
        z.object({ digest, bytes: size, size, files: z.int().positive(), zstd: z.boolean() }),
      ),
    ),
  }),
  signature: z.union([z.object({ hmac: z.base64() }), z.object({ ed25519: z.base64() })])
    .optional(),
}) satisfies z.ZodType<Omit<Entry, "record">>;

/** Writes an entry. @returns its bytes, compressed if that is worth it */
export async function encodeEntry({ record, ...rest }: Entry): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(`${encodeRecord(record)}${JSON.stringify(rest)}\n`);
  return await compress(bytes) ?? bytes;
}

/**
 * Reads an entry.
 *
 * @param outputs names of what the stage makes, if that is known
 * @returns undefined if the bytes are no entry of this key
 */
export async function decodeEntry(
  bytes: Uint8Array,
  key: string,
  outputs?: string[],
): Promise<Entry | undefined> {
  const plain = isCompressed(bytes) ? await expand(bytes, LARGEST_ENTRY) : bytes;
  if (plain === undefined) return undefined;
  const text = new TextDecoder().decode(plain);
  const end = text.indexOf("\n") + 1;
  const record = readForeignRecord(text.slice(0, end), key, outputs);
  if (record === undefined) return undefined;
  if (end === text.length) return { record, layout: { compressed: {}, packs: {} } };
  const second = SECOND_LINE.safeParse(parse(text.slice(end))).data;
  return second && { record, ...second };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON, no entry
  }
}
