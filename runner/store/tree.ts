/**
 * A folder as one value: the list of its files by content, itself stored as an object.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { UserError } from "../diagnostic.ts";
import { canonicalJson } from "./digest.ts";

/** One file of a folder. */
export interface TreeFile {
  /** Relative, with `/`. */
  path: string;
  /** SHA-256 of the content. */
  digest: string;
  /** Bytes. */
  size: number;
  /** Present if the file may be executed. */
  executable?: true;
}

/** A folder. Neither owner nor times count. */
export interface Tree {
  kind: "tree";
  /** Sorted by path. */
  files: TreeFile[];
  /** Folders without any file below them, sorted. */
  emptyFolders: string[];
}

/** Characters of a tree's text that are made or read at once. */
const PIECE = 1 << 16;

const START = `{"emptyFolders":`;
const MIDDLE = `,"files":[`;
const END = `],"kind":"tree"}`;

/** What stands between two files of a tree, and nowhere else: in a text a quote has a backslash. */
const BETWEEN = `},{"digest":"`;

/** Puts a tree in the one form that has the one digest: its canonical JSON. */
export function encodeTree(files: TreeFile[], emptyFolders: string[]): string {
  const sorted = [...files].sort((a, b) => compareText(a.path, b.path));
  return [...treePieces(sorted, emptyFolders)].join("");
}

/** The same in pieces, so that a long text need never be whole. @param files sorted by path */
export function* treePieces(files: Iterable<TreeFile>, emptyFolders: string[]): Generator<string> {
  let piece = START + canonicalJson([...emptyFolders].sort(compareText)) + MIDDLE;
  let comma = "";
  for (const file of files) {
    piece += comma + canonicalJson(file);
    comma = ",";
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield piece + END;
}

/** A tree, whose files are read when they are asked for. */
export interface TreeText {
  /** Reads them from the beginning. */
  files(): Iterable<TreeFile>;
  emptyFolders: string[];
}

/** Like {@link decodeTree}, without an object for each of many files. @param bytes of its text */
export function scanTree(bytes: Uint8Array<ArrayBuffer>): TreeText {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const middle = text.indexOf(`]${MIDDLE}`) + 1;
  const end = text.length - END.length;
  const isLong = text.length > PIECE && middle > 0 && text.indexOf(START) === 0 &&
    text.indexOf(END, end) === end;
  if (!isLong) {
    const { files, emptyFolders } = decodeTree(text.toString());
    return { files: () => files, emptyFolders };
  }
  return {
    files: () => filesBetween(text, middle + MIDDLE.length, end),
    emptyFolders: JSON.parse(text.toString("utf8", START.length, middle)),
  };
}

function* filesBetween(text: Buffer, start: number, end: number): Generator<TreeFile> {
  for (let at = start; at < end;) {
    const next = text.indexOf(BETWEEN, at + PIECE);
    const stop = next < 0 ? end : next + 1;
    yield* JSON.parse(`[${text.toString("utf8", at, stop)}]`) as TreeFile[];
    at = stop + 1; // past the comma
  }
}

/** Reads a tree. @throws {SyntaxError} if the text is none */
export function decodeTree(text: string): Tree {
  const tree: unknown = JSON.parse(text);
  if (!isTree(tree)) throw new SyntaxError(`Cannot read a tree: found ${text.slice(0, 40)}`);
  return tree;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "tree" &&
    "files" in value && Array.isArray(value.files) && "emptyFolders" in value;
}

/**
 * Lists a stage's output folder, in the order of the system.
 *
 * @param name what to call the folder in messages, e.g. `output "lr"`
 * @returns paths below the folder
 * @throws {UserError} for symbolic links, sockets and the like: they mean something else elsewhere
 */
export function listFolder(
  folder: string,
  name: string,
): { files: string[]; emptyFolders: string[] } {
  const files: string[] = [];
  const emptyFolders: string[] = [];
  const visit = (prefix: string) => {
    let count = 0;
    for (const entry of Deno.readDirSync(`${folder}/${prefix}`)) {
      count++;
      const path = `${prefix}${entry.name}`;
      if (entry.isDirectory) visit(`${path}/`);
      else if (entry.isFile) files.push(path);
      else {
        const kind = kindOf(Deno.lstatSync(`${folder}/${path}`));
        throw new UserError({
          message: `Cannot store ${name}: ${path} is ${kind}`,
          notes: ["A stage's outputs are files and folders: write or copy the file itself"],
        });
      }
    }
    if (count === 0 && prefix !== "") emptyFolders.push(prefix.slice(0, -1));
  };
  visit("");
  return { files, emptyFolders };
}

function kindOf(info: Deno.FileInfo): string {
  if (info.isSymlink) return "a symbolic link";
  if (info.isFifo) return "a pipe";
  if (info.isSocket) return "a socket";
  return "a device";
}

/** Order of code units: the same on every machine, unlike that of any language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
