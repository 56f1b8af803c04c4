/**
 * What of a module's text counts: not its comments, its types or its layout.
 *
 * @module
 */
import { stripTypeScriptTypes } from "node:module";
import { parse, type Token } from "acorn";
import { canonicalJson, digestBytes } from "../store/digest.ts";

/** What a module's text says. */
export interface ModuleText {
  /** Equal for texts that do the same: see {@link readModuleText}. */
  digest: string;
  /** Files it names with `new URL("…", import.meta.url)` or `import.meta.resolve("…")`. */
  assets: string[];
}

/**
 * Digest of the tokens of a script once its types are gone, of a JSON file's values, or of the text
 * itself where neither can be had (another kind of file, an error in it).
 *
 * @param name its path, for the extension
 */
export function readModuleText(name: string, text: string): ModuleText {
  if (name.endsWith(".json")) return { digest: digestBytes(jsonText(text)), assets: [] };
  const script = toScript(name, text);
  const tokens = script === undefined ? undefined : tokenText(script);
  if (script === undefined || tokens === undefined) {
    return { digest: digestBytes(text), assets: [] };
  }
  return { digest: digestBytes(tokens), assets: findAssets(script) };
}

function jsonText(text: string): string {
  try {
    return canonicalJson(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** Returns JavaScript that does the same, or undefined if there is none. */
function toScript(name: string, text: string): string | undefined {
  if (/\.m?js$/.test(name)) return text;
  if (!/\.m?ts$/.test(name) || /\.d\.m?ts$/.test(name)) return undefined;
  // `transform` also knows enums and the like, but writes new text, so it is the second choice.
  return tryStrip(text, "strip") ?? tryStrip(text, "transform");
}

/** Node's newest types leave out `transform`, which Deno knows; a method may be declared wider. */
interface Stripper {
  strip(text: string, options?: { mode?: "strip" | "transform" | undefined }): string;
}

const stripper: Stripper = { strip: stripTypeScriptTypes };

function tryStrip(text: string, mode: "strip" | "transform"): string | undefined {
  try {
    return stripper.strip(text, { mode });
  } catch (error) {
    if (error instanceof Error) return undefined; // not this syntax
    throw error;
  }
}

/** After these a line's end ends the statement, so it is more than layout. */
const ENDED_BY_LINE = new Set([
  "return",
  "break",
  "continue",
  "throw",
  "yield",
  "async",
  "using",
  "accessor",
]);

/** Returns the tokens, one a line, or undefined if the text is no JavaScript. */
function tokenText(script: string): string | undefined {
  const tokens: Token[] = [];
  try {
    parse(script, {
      ecmaVersion: "latest",
      sourceType: "module",
      allowHashBang: true,
      onToken: tokens,
    });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const lines: string[] = [];
  tokens.forEach((token, i) => {
    if (isTrailingComma(tokens, i)) return;
    if (i > 0 && lineMatters(tokens[i - 1], token, script)) lines.push("line");
    lines.push(`${token.type.label} ${valueOf(token, script)}`);
  });
  return lines.join("\n");
}

function valueOf(token: Token, script: string): string {
  const text = script.slice(token.start, token.end);
  // By value, so that the kind of quotes does not count; a template's text may hold line ends.
  if (token.type.label === "string" && "value" in token) return JSON.stringify(token.value);
  return token.type.label === "template" ? JSON.stringify(text) : text;
}

/** Formatters add and drop these, and stripping `type` imports leaves them. */
function isTrailingComma(tokens: Token[], i: number): boolean {
  if (tokens[i].type.label !== ",") return false;
  const next = tokens[i + 1]?.type.label;
  const previous = tokens[i - 1]?.type.label;
  if (next === "}" || next === ")") return true;
  return next === "]" && previous !== "," && previous !== "["; // `[,]` is longer than `[]`
}

function lineMatters(previous: Token, token: Token, script: string): boolean {
  const word = script.slice(previous.start, previous.end);
  if (!ENDED_BY_LINE.has(word) && token.type.label !== "++/--") return false;
  return /[\n\r\u2028\u2029]/.test(script.slice(previous.end, token.start));
}

function findAssets(script: string): string[] {
  const named = [
    ...script.matchAll(/new\s+URL\(\s*(["'`])([^"'`$]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g),
    ...script.matchAll(/import\.meta\.resolve\(\s*(["'`])([^"'`$]+)\1\s*,?\s*\)/g),
  ];
  return named.map((match) => match[2]).filter((path) => /^\.{1,2}\//.test(path));
}
