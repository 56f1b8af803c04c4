/**
 * Finds pictures in a folder, all of them or those that a list names.
 *
 * @module
 */
import { relative } from "node:path/posix";
import { InputError } from "../../image/input_error.ts";
import type { Split } from "../import_each.ts";
import { filesUnder, stemOf } from "./folders.ts";
import { readLines } from "./lists.ts";
import type { OnDefect } from "./source.ts";

/** Endings of files that are taken for pictures; what they really are, their bytes say. */
const PICTURE = /\.(png|jpe?g|webp|tiff?|gif|avif|bmp)$/i;

/**
 * Paths of the pictures below a folder: sorted by name, or in the order of the list.
 *
 * @param list a file with one picture a line, relative to `folder`: a path below it, or a name,
 * which counts wherever it lies, both with or without the ending; all pictures if undefined
 * @throws {InputError} if there are none, or a line of the list may mean several
 */
export async function readPictureFolder(
  folder: string,
  list: string | undefined,
  onDefect: OnDefect,
): Promise<Split<string>> {
  if (!(await Deno.stat(folder)).isDirectory) {
    throw new InputError(`Cannot use ${folder}: it is a file; expected a folder of pictures`);
  }
  const files = await filesUnder(folder);
  const pictures = files.filter((file) => PICTURE.test(file));
  if (pictures.length === 0) {
    const found = files.slice(0, 3).map((file) => relative(folder, file)).join(", ");
    throw new InputError(
      `Cannot use ${folder}: expected pictures such as NAME.png or NAME.jpg in it or below; ` +
        (found === "" ? "it is empty" : `found ${found}${files.length > 3 ? ", …" : ""}`),
    );
  }
  if (list === undefined) return { name: folder, images: pictures };
  const file = `${folder}/${list}`;
  return { name: file, images: await listed(folder, file, pictures, onDefect) };
}

async function listed(
  folder: string,
  file: string,
  pictures: readonly string[],
  onDefect: OnDefect,
): Promise<string[]> {
  const lines = await readLines(file);
  if (lines.length === 0) {
    throw new InputError(`Cannot use ${file}: it is empty; expected one picture a line`);
  }
  const byName = Map.groupBy(
    pictures.flatMap((path) => namesOf(relative(folder, path)).map((name) => ({ name, path }))),
    ({ name }) => name,
  );
  const chosen = new Set<string>();
  for (const line of lines) {
    const found = byName.get(line.replace(/^\.\//, "")) ?? [];
    if (found.length > 1) {
      const paths = found.map(({ path }) => relative(folder, path));
      throw new InputError(
        `Cannot use ${file}: "${line}" may mean ${paths.join(" or ")}; write which`,
      );
    }
    const said = `"${line}" of the list`;
    if (found.length === 0) {
      const detail = `${said} is not there; it is left out`;
      onDefect({ kind: "missing picture", file, detail });
    } else if (chosen.has(found[0].path)) {
      const detail = `${said} is there already; it counts once`;
      onDefect({ kind: "listed twice", file, detail });
    } else {
      chosen.add(found[0].path);
    }
  }
  if (chosen.size > 0) return [...chosen];
  throw new InputError(
    `Cannot use ${file}: none of its ${lines.length} pictures lies in ${folder} or below`,
  );
}

/** All that a list may call a picture. */
function namesOf(path: string): string[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return [...new Set([path, stemOf(path), name, stemOf(name)])];
}
