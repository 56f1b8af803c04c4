/**
 * `cache push`: give results to the remote cache.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { planPipeline } from "../plan/plan.ts";
import type { ActionRecord } from "../plan/record.ts";
import { Store } from "../store/store.ts";
import { chooseView } from "../ui/choose.ts";
import { count, listed } from "../ui/format.ts";
import { watchInterrupts } from "./interrupt.ts";
import { type PlanOptions, print, printError, storeFolder, type Surroundings } from "./options.ts";
import { requireRemote } from "./remote.ts";
import { openSession } from "./session.ts";

/** The word for everything that a store has. */
const ALL = "all";

/** What is to be given. */
interface Stock {
  store: Store;
  records: ActionRecord[];
  /** Ids of stages without a result. */
  missing: string[];
}

/** Gives results. @returns the exit code */
export async function cachePushCommand(
  what: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<number> {
  const { colors } = surroundings;
  if (options.remoteReadOnly) {
    throw new UserError("Cannot give results with --remote-read-only; leave it out");
  }
  const { store, records, missing } = what === ALL
    ? takeStock(options, surroundings)
    : await takeStockOf(what, options, surroundings);
  using _store = store;
  using watch = watchInterrupts(() => {});
  const view = chooseView({
    ids: [],
    colors,
    write: printError,
    quiet: false,
    terminal: Deno.stderr.isTerminal(),
  });
  const notify = (text: string) => view.show({ type: "notice", text });
  const given: string[] = [];
  try {
    using remote = await requireRemote(options, { store, notify, stop: watch.stop });
    const tell = () =>
      view.show({
        type: "setup",
        what: "sharing results",
        done: given.length,
        total: records.length,
        unit: "results",
      });
    await Promise.all(records.map(async (record) => {
      if (await remote.give(record)) given.push(record.key);
      tell();
    }));
  } finally {
    view.close();
  }
  const failed = records.length - given.length;
  const tell = options.json ? printError : print;
  if (missing.length > 0) tell(`no result yet: ${listed(missing)}\n`);
  tell(`${count(given.length, "result")} shared${failed > 0 ? `, ${failed} not` : ""}\n`);
  if (options.json) print(JSON.stringify({ shared: given, failed, missing }, null, 2) + "\n");
  if (watch.stop.aborted) return watch.exitCode;
  return failed === 0 ? 0 : 1;
}

function takeStock(options: PlanOptions, { root }: Surroundings): Stock {
  const store = Store.open(storeFolder(root, options.store), {
    write: false,
    verify: options.verify ?? false,
    onDamage: warn,
  });
  // Through lookup(): results of which something is gone are no use to others either.
  const records = [...store.records()].flatMap(({ key }) => store.getRecord(key) ?? []);
  return { store, records, missing: [] };
}

async function takeStockOf(
  file: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<Stock> {
  const { pipeline, context, store } = await openSession(file, options, surroundings, {
    write: true,
    onDamage: (text) => printError(`warning: ${text}\n`),
  });
  const planned = planPipeline(pipeline, context);
  return {
    store,
    records: planned.flatMap((stage) => stage.status === "hit" ? [stage.record] : []),
    missing: planned.filter(({ status }) => status !== "hit").map(({ instance }) => instance.id),
  };
}

function warn({ what, problem }: { what: string; problem: string }): void {
  printError(`warning: ${what} ${problem}\n`);
}
