/**
 * A copy of this project, to which files may be added.
 *
 * @module
 */
import { dirname, join } from "node:path";

/** What a copy consists of. */
const PARTS = ["runner", "stages", "models", "ml", "common", "pipelines", "tests/helpers"];
const FILES = ["deno.json", "deno.lock"];

/** The copy; removed when disposed of. */
export interface ProjectCopy extends AsyncDisposable {
  path(name: string): string;
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Runs Deno in it. @throws {Error} with what it says, if it fails */
  deno(...args: string[]): Promise<void>;
  /** Plans a pipeline: file and options. @throws {Error} with what it says, if that fails */
  plan(args: string[]): Promise<void>;
  /** Runs a pipeline: file and options. @throws {Error} with what it says, if that fails */
  run(...args: string[]): Promise<void>;
  /** What the command line says, on whichever stream, and however it ends. */
  say(args: string[]): Promise<string>;
}

/** Copies the project; packages are shared. */
export async function copyOfProject(root: string): Promise<ProjectCopy> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "copy-" }));
  for (const part of PARTS) copyFolder(join(root, part), join(folder, part));
  for (const file of FILES) await Deno.copyFile(join(root, file), join(folder, file));
  await Deno.symlink(await Deno.realPath(join(root, "node_modules")), join(folder, "node_modules"));

  const start = async (args: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder,
      env: {
        NO_COLOR: "1",
        INIT_CWD: folder,
        SR4IR_STORE: join(folder, ".store"),
        SR4IR_ROOT: folder,
      },
      stdin: "null",
    }).output();
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    return { code, text };
  };
  const succeed = async (args: string[]) => {
    const { code, text } = await start(args);
    if (code !== 0) throw new Error(`deno ${args.join(" ")} ended with ${code}:\n${text}`);
  };
  const runner = ["run", "--quiet", "--no-check", "--allow-all", "runner/main.ts"];
  return {
    path: (name) => join(folder, name),
    async write(path, content) {
      const file = join(folder, path);
      await Deno.mkdir(dirname(file), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(file, content);
      else await Deno.writeFile(file, content);
    },
    deno: (...args) => succeed(args),
    plan: (args) => succeed([...runner, "plan", ...args]),
    run: (...args) => succeed([...runner, "run", ...args]),
    say: async (args) => (await start([...runner, ...args])).text,
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFolder(join(from, name), join(to, name));
    else Deno.copyFileSync(join(from, name), join(to, name));
  }
}
