/**
 * How long does it take to find out that nothing is to be done, and to do the one thing that is?
 * `deno run -A benchmarks/runners.ts [--shapes chain,fan] [--counts 100,1000] [--rounds 7]
 * [--turbo PROGRAM] [--only NAME,…]`: a chain and a fan of trivial stages, here and with other
 * runners, side by side on this machine. Whole processes; the quickest of so many rounds, in which
 * all take turns, so that other work on the machine slows all of them.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { join } from "node:path";
import { type Contestant, contestants } from "./runners/contestants.ts";
import { type Shape, sources, writeFiles } from "./runners/project.ts";
import { seed } from "./runners/seed.ts";

interface Series {
  contestant: Contestant;
  folder: string;
  /** Milliseconds, one a round. */
  noop: number[];
  changed: number[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      shapes: { type: "string", default: "chain,fan" },
      counts: { type: "string", default: "100,1000" },
      rounds: { type: "string", default: "7" },
      turbo: { type: "string" },
      only: { type: "string" },
    },
  });
  const rows = new Map<string, string[]>();
  const columns: string[] = [];
  for (const count of values.counts.split(",").map(Number)) {
    for (const shape of values.shapes.split(",").filter(isShape)) {
      columns.push(`${shape} ${count}`);
      const chosen = contestants(values.turbo).filter(({ name }) =>
        values.only === undefined || values.only.split(",").includes(name)
      );
      for (const [name, cell] of await measure(chosen, shape, count, Number(values.rounds))) {
        rows.set(name, [...rows.get(name) ?? [], cell]);
      }
    }
  }
  console.log(
    `\nNothing changed / one stage changed, milliseconds, quickest of ${values.rounds}\n`,
  );
  printTable(["runner", ...columns], [...rows].map(([name, cells]) => [name, ...cells]));
}

function isShape(text: string): text is Shape {
  return text === "chain" || text === "fan";
}

async function measure(
  all: Contestant[],
  shape: Shape,
  count: number,
  rounds: number,
): Promise<Map<string, string>> {
  const cells = new Map<string, string>();
  const series: Series[] = [];
  for (const contestant of all) {
    if (shape === "chain" && count > (contestant.longestChain ?? Infinity)) {
      cells.set(contestant.name, "fails");
    } else if (contestant.command === undefined) cells.set(contestant.name, "not here");
    else {
      const folder = await prepare(contestant, shape, count);
      series.push({ contestant, folder, noop: [], changed: [] });
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const one of series) one.noop.push(await run(one));
    for (const one of series) {
      const last = count - 1;
      const text = `changed ${round}\n`;
      Deno.writeTextFileSync(join(one.folder, `src/${last}.txt`), text);
      one.changed.push(await run(one));
      const made = one.contestant.output?.(last);
      if (made !== undefined && Deno.readTextFileSync(join(one.folder, made)) !== text) {
        throw new Error(`${one.contestant.name} has not noticed a change`);
      }
    }
    // What has just been changed is looked at more closely for some time: not what is measured.
    await new Promise((resolve) => setTimeout(resolve, 2500));
    for (const one of series) await run(one);
  }
  for (const { contestant, folder, noop, changed } of series) {
    cells.set(contestant.name, `${fastest(noop)} / ${fastest(changed)}`);
    Deno.removeSync(folder, { recursive: true });
  }
  return new Map(all.map(({ name }) => [name, cells.get(name) ?? ""]));
}

/** Everything is done once; of this runner without a process for each stage. */
async function prepare(contestant: Contestant, shape: Shape, count: number): Promise<string> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "runners-" }));
  writeFiles(folder, { ...sources(count), ...contestant.files(shape, count) });
  if (contestant.output === undefined) await seed(folder, join(folder, ".store"));
  console.error(`${contestant.name}, ${shape} ${count}: first run`);
  await run({ contestant, folder });
  return folder;
}

/** Runs once. @returns milliseconds of the whole process */
async function run({ contestant, folder }: Pick<Series, "contestant" | "folder">): Promise<number> {
  const [program, ...args] = contestant.command ?? [];
  const since = performance.now();
  const { success, stderr } = await new Deno.Command(program, {
    args,
    cwd: folder,
    env: { NO_COLOR: "1", ...contestant.env?.(folder) },
    stdout: "null",
    stderr: "piped",
  }).output();
  const milliseconds = performance.now() - since;
  if (!success) {
    throw new Error(
      `${contestant.name} failed: ${new TextDecoder().decode(stderr).slice(0, 2000)}`,
    );
  }
  return milliseconds;
}

function fastest(times: number[]): string {
  return Math.min(...times).toFixed(0);
}

function printTable(columns: string[], rows: string[][]): void {
  const widths = columns.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => row[i].length))
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  console.log(line(columns));
  console.log(line(widths.map((width) => "-".repeat(width))));
  rows.forEach((row) => console.log(line(row)));
}

if (import.meta.main) await main();
