/**
 * `cache verify`: look at everything the store holds, and set aside what is broken.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { type Finding, type Verified, verifyStore } from "../store/care/verify.ts";
import { hasFormat } from "../store/format.ts";
import { Store } from "../store/store.ts";
import { count, formatBytes, listed } from "../ui/format.ts";
import { longWork } from "./long_work.ts";
import type { StoreOption } from "./look.ts";
import { print, storeFolder, type Surroundings } from "./options.ts";

/** Looks and tells. @returns the exit code: 1 if something was wrong */
export async function cacheVerifyCommand(
  options: StoreOption,
  { root, colors }: Surroundings,
): Promise<number> {
  const folder = storeFolder(root, options.store);
  using store = Store.open(folder, { write: hasFormat(folder) });
  const verified = await verify(store, colors);
  const { findings, results, contents, bytes } = verified;
  if (options.json) {
    print(JSON.stringify({ store: store.folder, ...verified }, null, 2) + "\n");
  } else {
    for (const finding of findings) print(tellFinding(finding));
    const looked = `${count(results, "result")}, ${count(contents, "file")}, ${formatBytes(bytes)}`;
    print(
      findings.length === 0
        ? `${looked}: nothing is wrong\n`
        : `\n${looked}: ${count(findings.length, "thing")} wrong; ` +
          `what was broken is set aside in ${store.folder}/quarantine, and runs make it anew\n`,
    );
  }
  return findings.length === 0 ? 0 : 1;
}

async function verify(store: Store, colors: Colors): Promise<Verified> {
  using work = longWork("reading what is stored", "bytes", colors);
  return await verifyStore(store, (done, total) => work.show(done, total));
}

/** One line, and who needs it. */
export function tellFinding({ what, problem, affects }: Finding): string {
  const needs = affects.length === 0 ? "no result needs it" : `needed by ${listed(affects)}`;
  return `${what} ${problem}\n  ${needs}\n`;
}
