/**
 * Who is measured: how each describes the graph, and how it is started.
 *
 * @module
 */
import { join } from "node:path";
import { before, HOME, indices, ownFiles, type Shape } from "./project.ts";

/** One runner of stages. */
export interface Contestant {
  name: string;
  /** Files besides `src/`: path → text. */
  files(shape: Shape, count: number): Record<string, string>;
  /** Brings everything up to date. Undefined if it is not on this machine. */
  command: string[] | undefined;
  env?: (folder: string) => Record<string, string>;
  /** Where stage i has its output; undefined if that is not in the folder. */
  output?: (i: number) => string;
  /** Longest chain that it manages. */
  longestChain?: number;
}

const output = (i: number) => `out/${i}.txt`;

/** All of them. @param turbo path of Turborepo's program, if there is one */
export function contestants(turbo: string | undefined): Contestant[] {
  return [
    {
      name: "this runner",
      files: ownFiles,
      command: [
        Deno.execPath(),
        "run",
        "--quiet",
        "-RWENS",
        "--allow-run",
        "--unstable-lazy-dynamic-imports",
        "--v8-flags=--max-semi-space-size=4,--heap-growing-percent=100",
        join(HOME, "runner/main.ts"),
        "run",
        "--quiet",
        "copies.yaml",
      ],
      env: (folder) => ({
        INIT_CWD: folder,
        SR4IR_ROOT: folder,
        SR4IR_STORE: "",
        SR4IR_REMOTE: "",
      }),
    },
    {
      name: "GNU make",
      files: (shape, count) => ({ Makefile: makefile(shape, count) }),
      command: onPath("make", "-j2", "-rs"),
      output,
    },
    {
      name: "ninja",
      files: (shape, count) => ({ "build.ninja": ninjaFile(shape, count) }),
      command: onPath("ninja", "--quiet"),
      output,
    },
    {
      name: "deno task, its cache",
      files: (shape, count) => ({ "deno.json": denoTasks(shape, count), "out/.keep": "" }),
      command: [Deno.execPath(), "task", "-q", "all"],
      output,
    },
    {
      name: "Turborepo",
      files: (shape, count) => turboFiles(shape, count),
      command: turbo === undefined
        ? undefined
        : [turbo, "run", "all", "--concurrency=2", "--output-logs=none"],
      env: () => ({ TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" }),
      output,
    },
    {
      name: "Snakemake",
      files: (shape, count) => ({ Snakefile: snakefile(shape, count) }),
      command: onPath("snakemake", "-j2", "-q", "all"),
      output,
      longestChain: 490, // of a longer one Python says that it recurses too deeply
    },
  ];
}

function onPath(program: string, ...args: string[]): string[] | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  for (const folder of folders) {
    try {
      if (Deno.statSync(join(folder, program)).isFile) return [program, ...args];
    } catch {
      // not in this one
    }
  }
}

function outputs(count: number): string {
  return indices(count).map(output).join(" ");
}

function makefile(shape: Shape, count: number): string {
  const rules = indices(count).map((i) => {
    const waitsFor = before(shape, i);
    const more = waitsFor === undefined ? "" : ` ${output(waitsFor)}`;
    return `${output(i)}: src/${i}.txt${more}\n\t@mkdir -p out; cp $< $@\n`;
  });
  return `all: ${outputs(count)}\n${rules.join("")}`;
}

function ninjaFile(shape: Shape, count: number): string {
  const builds = indices(count).map((i) => {
    const waitsFor = before(shape, i);
    const more = waitsFor === undefined ? "" : ` | ${output(waitsFor)}`;
    return `build ${output(i)}: copy src/${i}.txt${more}\n`;
  });
  return `rule copy\n  command = cp $in $out\n${builds.join("")}`;
}

function snakefile(shape: Shape, count: number): string {
  const rules = indices(count).map((i) => {
    const waitsFor = before(shape, i);
    const more = waitsFor === undefined ? "" : `, after="${output(waitsFor)}"`;
    return `rule s${i}:\n  input: "src/${i}.txt"${more}\n  output: "${output(i)}"\n` +
      `  shell: "cp src/${i}.txt {output}"\n`;
  });
  const all = indices(count).map((i) => `"${output(i)}"`).join(", ");
  return `rule all:\n  input: ${all}\n${rules.join("")}`;
}

function denoTasks(shape: Shape, count: number): string {
  const tasks = indices(count).map((i): [string, unknown] => {
    const waitsFor = before(shape, i);
    return [`s${i}`, {
      command: `cp src/${i}.txt ${output(i)}`,
      files: [`src/${i}.txt`],
      output: [output(i)],
      dependencies: waitsFor === undefined ? [] : [`s${waitsFor}`],
    }];
  });
  const all = { dependencies: indices(count).map((i) => `s${i}`) };
  return JSON.stringify({ tasks: { ...Object.fromEntries(tasks), all } });
}

function turboFiles(shape: Shape, count: number): Record<string, string> {
  const tasks: Record<string, unknown> = {
    all: { dependsOn: indices(count).map((i) => `s${i}`), cache: false },
  };
  const scripts: Record<string, string> = { all: "true" };
  for (const i of indices(count)) {
    const waitsFor = before(shape, i);
    tasks[`s${i}`] = {
      inputs: [`src/${i}.txt`],
      outputs: [output(i)],
      dependsOn: waitsFor === undefined ? [] : [`s${waitsFor}`],
    };
    scripts[`s${i}`] = `cp src/${i}.txt ${output(i)}`;
  }
  return {
    "turbo.json": JSON.stringify({ tasks }),
    "package.json": JSON.stringify({
      name: "copies",
      private: true,
      packageManager: "npm@10.0.0",
      scripts,
    }),
    "package-lock.json": JSON.stringify({
      name: "copies",
      lockfileVersion: 3,
      packages: { "": { name: "copies" } },
    }),
    "out/.keep": "",
  };
}
