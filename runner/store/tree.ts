/**
 * A folder as one value: the list of its files by content, itself stored as an object.
 *
 * @module
 */
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

/** A file found in a folder, before its content is known. */
export interface FoundFile {
  path: string;
  info: Deno.FileInfo;
}

/** Puts a tree in the one form that has the one digest. */
export function encodeTree(files: TreeFile[], emptyFolders: string[]): string {
  const tree: Tree = {
    kind: "tree",
    files: [...files].sort((a, b) => compare(a.path, b.path)),
    emptyFolders: [...emptyFolders].sort(compare),
  };
  return canonicalJson(tree);
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
 * Lists a stage's output folder.
 *
 * @param name what to call the folder in messages, e.g. `output "lr"`
 * @throws {UserError} for symbolic links, sockets and the like: they mean something else elsewhere
 */
export function listFolder(
  folder: string,
  name: string,
): { files: FoundFile[]; folders: string[]; emptyFolders: string[] } {
  const files: FoundFile[] = [];
  const folders: string[] = [];
  const emptyFolders: string[] = [];
  const visit = (prefix: string) => {
    let count = 0;
    for (const entry of Deno.readDirSync(`${folder}/${prefix}`)) {
      count++;
      const path = `${prefix}${entry.name}`;
      if (entry.isDirectory) {
        folders.push(path);
        visit(`${path}/`);
      } else {
        const info = Deno.lstatSync(`${folder}/${path}`);
        if (!info.isFile) {
          throw new UserError({
            message: `Cannot store ${name}: ${path} is ${kindOf(info)}`,
            notes: ["A stage's outputs are files and folders: write or copy the file itself"],
          });
        }
        files.push({ path, info });
      }
    }
    if (count === 0 && prefix !== "") emptyFolders.push(prefix.slice(0, -1));
  };
  visit("");
  return { files, folders, emptyFolders };
}

function kindOf(info: Deno.FileInfo): string {
  if (info.isSymlink) return "a symbolic link";
  if (info.isFifo) return "a pipe";
  if (info.isSocket) return "a socket";
  return "a device";
}

/** Order of code units: the same on every machine, unlike that of any language. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
