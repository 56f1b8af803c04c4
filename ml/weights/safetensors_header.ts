/**
 * The header of safetensors: JSON that says where each tensor lies.
 *
 * @module
 */
import { z } from "zod";

/** Longest header that is read, bytes; the format's own limit. */
export const MAX_HEADER = 100_000_000;

const entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

/** What a header says. */
export interface SafetensorsHeader {
  tensors: Record<string, z.infer<typeof entry>>;
  metadata: Record<string, string>;
}

/** Reads a header. @returns what is wrong, as text, if it is none */
export function parseHeader(bytes: Uint8Array): SafetensorsHeader | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return "its header is no JSON";
  }
  const header = z.record(z.string(), z.unknown()).safeParse(parsed);
  if (!header.success) return "its header is no object";
  const { __metadata__ = {}, ...rest } = header.data;
  const tensors = z.record(z.string(), entry).safeParse(rest);
  const metadata = z.record(z.string(), z.string()).safeParse(__metadata__);
  if (!tensors.success || !metadata.success) return "its header is not as the format says";
  return { tensors: tensors.data, metadata: metadata.data };
}
