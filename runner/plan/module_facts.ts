/**
 * What is remembered of one module, so that it need not be read again.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";
import { digestBytes } from "../store/digest.ts";
import { followIfThere } from "../store/files.ts";
import { isSettled, statLine } from "../store/path_digests.ts";
import type { Edge, GraphModule } from "./module_graph.ts";
import type { ModuleText } from "./module_text.ts";

/** What is known of one module. */
export interface ModuleFacts {
  /** Of its file, when its text was read; empty if that was too fresh, or there was none. */
  stat: string;
  /** Digest of the text as it is. */
  raw: string;
  /** Digest of what counts of it. */
  digest: string;
  /** Absolute path of the text; empty if it has none. */
  path: string;
  /** Ids of what it surely uses. */
  needs: string[];
  /** Ids of what it may load by a name that only the run knows. */
  choices: string[];
  /** What its text names besides imports; see {@link ModuleText.assets}. */
  assets: string[];
}

/** A module that is imported but not there: the stage itself will say so, or does without. */
const MISSING = { stat: "", raw: "", digest: "missing", needs: [], assets: [], choices: [] };

/**
 * Reads a module's text and sorts its imports.
 *
 * @param project absolute path of the project's root
 * @param before what was known of it
 */
export async function readFacts(
  project: string,
  { id, path, edges }: GraphModule,
  before: ModuleFacts | undefined,
): Promise<ModuleFacts> {
  // Its text is in its name (`data:`), or wherever the name leads.
  if (path === undefined) return { ...MISSING, digest: digestBytes(id), path: "" };
  const now = Date.now();
  const info = followIfThere(path);
  if (!info?.isFile) return { ...MISSING, path };
  const bytes = Deno.readFileSync(path);
  const raw = digestBytes(bytes);
  const text = decode(bytes);
  const { digest, assets } = before?.raw === raw ? before : await readText(id, text, raw);
  const literal = edges.filter(({ specifier, dynamic }) => !dynamic || isQuoted(specifier, text));
  const named = assets.map((asset) => relative(project, join(dirname(path), asset)))
    .filter((asset) => !followIfThere(join(project, asset))?.isDirectory);
  return {
    stat: isSettled(info, now) ? statLine(info) : "",
    raw,
    digest,
    path,
    needs: [...new Set([...idsOf(literal), ...named])],
    choices: idsOf(edges.filter((edge) => !literal.includes(edge))),
    assets,
  };
}

/** Digest of what counts of a module's text, as it stands in keys. @param id its path, for the extension */
export async function digestModule(id: string, bytes: Uint8Array): Promise<string> {
  return (await readText(id, decode(bytes), digestBytes(bytes))).digest;
}

/** Loads the parser only when there is something to read. */
async function readText(id: string, text: string | undefined, raw: string): Promise<ModuleText> {
  if (text === undefined) return { digest: raw, assets: [] };
  const { readModuleText } = await import("./module_text.ts");
  return readModuleText(id, text);
}

/** Reads UTF-8. @returns undefined if the bytes are no text */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function idsOf(edges: Edge[]): string[] {
  return [...new Set(edges.flatMap(({ id }) => id === undefined ? [] : [id]))];
}

/** Whether a specifier stands in a text as it is, and was not made up from a template. */
function isQuoted(specifier: string, text: string = ""): boolean {
  return ['"', "'", "`"].some((quote) => text.includes(quote + specifier + quote));
}
