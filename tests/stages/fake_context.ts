/**
 * A context to call a stage's `run()` with, in this process and without a sandbox.
 *
 * @module
 */
import type { Reporter } from "../../runner/stage.ts";

/** What a stage has told. */
export interface Told {
  log: string[];
  tables: Record<string, (string | number | null)[][]>;
  /** The last progress: done, total. */
  progress: [number, number];
}

/**
 * Empty folders below `folder` and a reporter that remembers.
 *
 * @param place gives each output its folder, e.g. `(at) => ({ train: at("train") })`
 */
export async function fakeContext<O extends Record<string, string>>(
  folder: string,
  place: (at: (name: string) => string) => O,
) {
  const told: Told = { log: [], tables: {}, progress: [0, 0] };
  const report: Reporter = {
    progress: (done, total) => told.progress = [done, total],
    point: () => {},
    metric: () => {},
    table: (title, _columns, rows) => told.tables[title] = rows,
    log: (line) => told.log.push(line),
  };
  const outputs = place((name) => `${folder}/outputs/${name}`);
  for (const path of Object.values(outputs)) await Deno.mkdir(path, { recursive: true });
  await Deno.mkdir(`${folder}/scratch`, { recursive: true });
  return {
    told,
    context: {
      inputs: {},
      outputs,
      scratch: `${folder}/scratch`,
      checkpointSeconds: 30,
      cpus: 1,
      signal: new AbortController().signal,
      report,
    },
  };
}
