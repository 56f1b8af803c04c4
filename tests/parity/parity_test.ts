/**
 * Compares this implementation with numbers of the original PyTorch one, one test per file.
 *
 * `PARITY_FIXTURES` names the folder of another set with the same schema; the project's own copy is
 * taken otherwise.
 *
 * @module
 */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { testBackend } from "../helpers/backend.ts";
import { handlers } from "./handlers.ts";
import { readFixture } from "./harness.ts";

const root = Deno.env.get("PARITY_FIXTURES") ??
  fileURLToPath(new URL("../fixtures", import.meta.url));

const files = listFiles(root).map((file) => relative(root, file).replaceAll("\\", "/")).sort();
const paths = files.filter((path) => !isCompanion(path));

if (paths.length === 0) {
  Deno.test(`the parity set ${root} holds files`, () => {
    throw new Error(`No fixture in ${root}; PARITY_FIXTURES must name a folder of them`);
  });
}

let backend: Promise<unknown> | undefined;

for (const path of paths) {
  const stem = path.replace(/\.json$/, "");
  const line = path.endsWith(".json") ? handlers.find(({ match }) => match.test(stem)) : undefined;
  const load = line?.handler;
  if (load !== undefined) {
    // The tensor backend starts with the first test and stays.
    Deno.test({
      name: `${path} is reproduced`,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async (t) => {
        await (backend ??= testBackend());
        const { default: handler } = await load();
        await handler(await readFixture(join(root, path), stem), t);
      },
    });
  } else {
    Deno.test(`${path} is known`, () => {
      throw new Error(`No line of tests/parity/handlers.ts matches ${path}`);
    });
  }
}

/** Files that belong to another one: checkpoints beside their description, and the set's manual. */
function isCompanion(path: string): boolean {
  if (path === "README.md") return true;
  return /^checkpoints\/.*\.pth$/.test(path) && files.includes("checkpoints/expected.json");
}

function listFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? listFiles(join(folder, name)) : [join(folder, name)]
  );
}
