/**
 * The unfinished part of a download and what is known of its origin.
 *
 * @module
 */
import { z } from "zod";

/** An unfinished download. */
export interface Part {
  url: string;
  /** Where the bytes lie. */
  path: string;
  /** Bytes that have arrived. */
  size: number;
  /** Names this very version of the file: an entity tag or a date. */
  validator?: string | undefined;
  /** Bytes of the whole file, as the server has it. */
  total?: number | undefined;
}

const note = z.object({
  url: z.string(),
  validator: z.string().optional(),
  total: z.int().optional(),
});

/** What is there of a file's download; what comes from another address is thrown away. */
export async function partOf(file: string, url: string): Promise<Part> {
  const part: Part = { url, path: `${file}.part`, size: 0 };
  try {
    const known = note.parse(JSON.parse(await Deno.readTextFile(`${part.path}.json`)));
    if (known.url === url) {
      return { ...part, ...known, size: (await Deno.stat(part.path)).size };
    }
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound || error instanceof SyntaxError ||
      error instanceof z.ZodError;
    if (!absent) throw error;
  }
  return part;
}

/** Notes down what the part belongs to. */
export async function notePart({ url, path, validator, total }: Part): Promise<void> {
  await Deno.writeTextFile(`${path}.json`, JSON.stringify({ url, validator, total }));
}

/** Forgets what has arrived. */
export async function removePart(part: Part): Promise<void> {
  for (const path of [part.path, `${part.path}.json`]) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  part.size = 0;
  part.validator = undefined;
  part.total = undefined;
}
