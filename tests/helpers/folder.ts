/**
 * Temporary folders that dispose of themselves.
 *
 * @module
 */
import { dirname } from "node:path";

/** A folder for one test; gone when its scope ends. */
export interface TestFolder extends Disposable {
  /** Absolute real path. */
  path: string;
  /** Writes files, with the folders they need. Paths are relative. */
  write(files: Record<string, string | Uint8Array>): void;
}

/** Makes a temporary folder with these files in it. */
export function testFolder(files: Record<string, string | Uint8Array> = {}): TestFolder {
  const path = Deno.realPathSync(Deno.makeTempDirSync());
  const write: TestFolder["write"] = (files) => {
    for (const [name, content] of Object.entries(files)) {
      const file = `${path}/${name}`;
      Deno.mkdirSync(dirname(file), { recursive: true });
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      Deno.writeFileSync(file, bytes);
    }
  };
  write(files);
  return { path, write, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** All files below a folder: relative path → text. Folders without files end in `/`. */
export function readFolder(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (prefix: string) => {
    const entries = [...Deno.readDirSync(`${folder}/${prefix}`)];
    if (entries.length === 0 && prefix !== "") found[prefix] = "";
    for (const { name, isDirectory } of entries) {
      if (isDirectory) visit(`${prefix}${name}/`);
      else found[prefix + name] = Deno.readTextFileSync(`${folder}/${prefix}${name}`);
    }
  };
  visit("");
  return found;
}
