/**
 * A small project in a temporary folder, and the command line run on it as a person would.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The project that is tested. */
const HOME = resolve(import.meta.dirname!, "../..");

const RUN = ["run", "--quiet", "--no-check", "--allow-all", join(HOME, "runner", "main.ts")];

/** Starts a program that may give its machine another name, for itself and what it starts. */
const NAMESPACE = ["unshare", "--uts"];

/** Whether this process may do that. */
export function canRename(): boolean {
  try {
    const [command, ...args] = [...NAMESPACE, "hostname", "elsewhere"];
    return new Deno.Command(command, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false; // not on this system
  }
}

/** What a command did. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A command that is still at work. */
export interface Started {
  pid: number;
  /** Sends a signal to the runner alone. */
  kill(signal: Deno.Signal): void;
  /** Resolves when it has said this on standard error. @throws {Error} if it ends before */
  says(text: string): Promise<void>;
  ended: Promise<Ended>;
}

/** The part of the `--json` document that tests look at. */
export interface Document {
  pipeline: string;
  profile: string;
  status: string;
  stages: {
    id: string;
    uses: string;
    status: string;
    key: string | null;
    reason: string;
    aliases: string[];
    usedBy: string[];
    seconds: number;
    outputs: Record<string, string>;
  }[];
  metrics: Record<string, Record<string, number | null>>;
}

/** A temporary project; removed when disposed of. */
export interface Project extends AsyncDisposable {
  /** Absolute real path. */
  folder: string;
  path(name: string): string;
  read(name: string): string;
  write(files: Record<string, string>): void;
  /** Runs the command line to its end, standing in the project. */
  run(...args: string[]): Promise<Ended>;
  /** The same with variables added to the environment. */
  runWith(env: Record<string, string>, ...args: string[]): Promise<Ended>;
  start(...args: string[]): Started;
  /** The same with variables added to the environment. */
  startWith(env: Record<string, string>, ...args: string[]): Started;
  /** The same on a machine of another name, as far as a process can tell; see {@link canRename}. */
  startOn(host: string, env: Record<string, string>, ...args: string[]): Started;
  /** The same in a shell that has run this before, e.g. `ulimit -f 1000`. */
  runBelow(shell: string, ...args: string[]): Promise<Ended>;
  /** Starts it in a process group of its own, as a terminal does. */
  startGroup(...args: string[]): Started;
  /** `run FILE --json`: stage id → status, in order. */
  statuses(file: string, ...args: string[]): Promise<Record<string, string>>;
}

/**
 * Makes a project. Stages import `../runner/stage.ts` as those of the real one do.
 *
 * @param files path → text
 */
export async function project(files: Record<string, string>): Promise<Project> {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "project-" }));
  const { imports } = JSON.parse(Deno.readTextFileSync(join(HOME, "deno.json")));
  const write = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.writeTextFileSync(path, text);
    }
  };
  write({
    // Types and packages are those of the real project, so that both sides mean the same contract.
    "runner/stage.ts": `export * from ${
      JSON.stringify(pathToFileURL(join(HOME, "runner/stage.ts")).href)
    };\n`,
    "deno.json": JSON.stringify({ imports: { zod: imports.zod }, nodeModulesDir: "none" }),
    ...files,
  });

  const start = (
    env: Record<string, string>,
    args: string[],
    { detached = false, shell, within = [] }: {
      detached?: boolean;
      shell?: string;
      within?: string[];
    } = {},
  ): Started => {
    const program = [Deno.execPath(), ...RUN, ...args];
    const [command, ...rest] = [
      ...within,
      ...(shell === undefined ? program : ["sh", "-c", `${shell}; exec "$0" "$@"`, ...program]),
    ];
    const child = new Deno.Command(command, {
      args: rest,
      cwd: folder,
      detached,
      env: {
        NO_COLOR: "1",
        INIT_CWD: folder,
        SR4IR_ROOT: folder,
        SR4IR_STORE: "",
        SR4IR_REMOTE: "",
        ...env,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const stderr = listen(child.stderr);
    return {
      pid: child.pid,
      kill: (signal) => child.kill(signal),
      says: stderr.until,
      ended: Promise.all([child.status, new Response(child.stdout).text(), stderr.whole]).then((
        [{ code }, stdout, stderr],
      ) => ({ code, stdout, stderr })),
    };
  };

  return {
    folder,
    path: (name) => join(folder, name),
    read: (name) => Deno.readTextFileSync(join(folder, name)),
    write,
    run: (...args) => start({}, args).ended,
    runWith: (env, ...args) => start(env, args).ended,
    start: (...args) => start({}, args),
    startWith: (env, ...args) => start(env, args),
    startGroup: (...args) => start({}, args, { detached: true }),
    startOn: (host, env, ...args) =>
      start(env, args, { within: NAMESPACE, shell: `hostname ${host}` }),
    runBelow: (shell, ...args) => start({}, args, { shell }).ended,
    async statuses(file, ...args) {
      const { stdout, stderr } = await start({}, ["run", file, "--json", ...args]).ended;
      if (stdout === "") throw new Error(`No document on standard output:\n${stderr}`);
      return statusesOf(stdout);
    },
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Reads a stream to its end, and tells when a text has come by. */
function listen(stream: ReadableStream<Uint8Array<ArrayBuffer>>): {
  until: (text: string) => Promise<void>;
  whole: Promise<string>;
} {
  let heard = "";
  let more = Promise.withResolvers<void>();
  let ended = false;
  const whole = (async () => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      heard += piece;
      more.resolve();
      more = Promise.withResolvers();
    }
    ended = true;
    more.resolve();
    return heard;
  })();
  const until = async (text: string) => {
    while (!heard.includes(text)) {
      if (ended) throw new Error(`It ended without saying "${text}":\n${heard}`);
      await more.promise;
    }
  };
  return { until, whole };
}

/** Stage id → status, in order, of a `--json` document. */
export function statusesOf(json: string): Record<string, string> {
  const document: Document = JSON.parse(json);
  return Object.fromEntries(document.stages.map(({ id, status }) => [id, status]));
}
