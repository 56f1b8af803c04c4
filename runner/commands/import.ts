/**
 * `import`: takes an exported archive into the store.
 *
 * @module
 */
import { relative, resolve } from "node:path";
import { importArchive, type Imported } from "../archive/import_archive.ts";
import { checkNewFolder, unpackCode } from "../archive/unpack_code.ts";
import { surviveLimits } from "../execute/no_room.ts";
import { Store } from "../store/store.ts";
import { count, formatBytes } from "../ui/format.ts";
import { watchInterrupts } from "./interrupt.ts";
import { longWork } from "./long_work.ts";
import type { StoreOption } from "./look.ts";
import { print, printError, storeFolder, type Surroundings } from "./options.ts";

/** Options of `import`. */
export interface ImportCommandOptions extends StoreOption {
  /** A new folder for the code. */
  code?: string;
}

/** Imports an archive. @returns the exit code */
export async function importCommand(
  archive: string,
  options: ImportCommandOptions,
  { root, colors }: Surroundings,
): Promise<number> {
  surviveLimits();
  const folder = options.code === undefined ? undefined : resolve(options.code);
  if (folder !== undefined) checkNewFolder(folder);
  using store = Store.open(storeFolder(root, options.store), {
    onDamage: ({ what, problem }) => printError(`warning: ${what} ${problem}\n`),
  });
  using watch = watchInterrupts(() => {});
  let imported: Imported;
  try {
    using work = longWork("importing", "bytes", colors);
    imported = await importArchive(store, archive, {
      signal: watch.stop,
      onProgress: (done, total) => work.show(done, total),
      code: folder !== undefined,
    });
  } catch (error) {
    if (watch.stop.aborted) return watch.exitCode;
    throw error;
  }
  if (folder !== undefined) unpackCode(imported.code, folder);
  tell(imported, folder, options);
  return 0;
}

function tell(
  { manifest, added, present, different, bare, contents, bytes, code }: Imported,
  folder: string | undefined,
  options: ImportCommandOptions,
): void {
  const { run, pipeline, file, missing, leftOut } = manifest;
  const say = options.json ? printError : print;
  const of = run === null ? file : `run ${run.id} of ${file}`;
  const here = present.length + different.length;
  const parts = [
    `${count(added.length, "result")} imported (${formatBytes(bytes)})`,
    ...(here > 0 ? [`${here} here already`] : []),
    ...(missing.length > 0 ? [`${count(missing.length, "stage")} had none`] : []),
  ];
  say(`${of}: ${parts.join(", ")}\n`);
  if (bare.length > 0) say(`  ${bare.length} without files: to be looked at, and made again\n`);
  if (different.length > 0) {
    say(
      `  ${different.length} here with other bytes, which stay: what builds on them runs again\n`,
    );
  }
  if (folder !== undefined) {
    const short = relative(Deno.cwd(), folder);
    say(`${count(code.length, "file")} of code in ${short.startsWith("..") ? folder : short}\n`);
    for (const { path, why } of leftOut) say(`  not in it: ${path} ${why}\n`);
  }
  if (!options.json) return;
  const document = {
    run: run?.id ?? null,
    pipeline,
    file,
    added,
    present,
    different,
    bare,
    contents,
    bytes,
  };
  print(JSON.stringify({ ...document, missing, leftOut }, null, 2) + "\n");
}
