/**
 * A small tar file, made in memory.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Header, pack } from "tar-stream";

/** One entry: a file with this content, unless its type says otherwise. */
export type TarEntry = Partial<Header> & { name: string; content?: string | Uint8Array };

/** The bytes of the archive. */
export async function tarFile(entries: TarEntry[]): Promise<Uint8Array> {
  const packer = pack();
  for (const { content = "", ...header } of entries) {
    packer.entry(header, typeof content === "string" ? content : Uint8Array.from(content));
  }
  packer.finalize();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of packer) {
    assert.ok(chunk instanceof Uint8Array);
    chunks.push(chunk.slice());
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
