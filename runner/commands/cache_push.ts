/**
 * `cache push`: give results to the remote cache.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { EarlierRecords } from "../explain/earlier_records.ts";
import { planPipeline } from "../plan/plan.ts";
import type { ActionRecord } from "../plan/record.ts";
import { Store } from "../store/store.ts";
import { chooseView } from "../ui/choose.ts";
import { count, listed } from "../ui/format.ts";
import { watchInterrupts } from "./interrupt.ts";
import { namedResults } from "./named_results.ts";
import { type PlanOptions, print, printError, storeFolder, type Surroundings } from "./options.ts";
import { renderHeldBack } from "./held_back.ts";
import { requireRemote, requireSigning } from "./remote.ts";
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
    : isFile(what)
    ? await takeStockOf(what, options, surroundings)
    : await takeStockNamed(what, options, surroundings);
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
  let heldBack: ActionRecord[] = [];
  try {
    using remote = await requireRemote(options, { store, notify, stop: watch.stop });
    requireSigning(remote);
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
    heldBack = remote.heldBack;
  } finally {
    view.close();
  }
  const failed = records.length - given.length - heldBack.length;
  const tell = options.json ? printError : print;
  if (missing.length > 0) tell(`no result yet: ${listed(missing)}\n`);
  tell(`${count(given.length, "result")} shared${failed > 0 ? `, ${failed} not` : ""}\n`);
  tell(renderHeldBack(heldBack, isFile(what) ? what : undefined, options));
  if (options.json) {
    const held = heldBack.map(({ key }) => key);
    print(JSON.stringify({ shared: given, failed, heldBack: held, missing }, null, 2) + "\n");
  }
  if (watch.stop.aborted) return watch.exitCode;
  return failed === 0 ? 0 : 1;
}

/** A pipeline's file, and not an output of it. */
function isFile(what: string): boolean {
  return /\.ya?ml$/.test(what);
}

function takeStock(options: PlanOptions, { root }: Surroundings): Stock {
  const store = openStore(options, root);
  // Through lookup(): results of which something is gone are no use to others either.
  const records = [...store.records()].flatMap(({ key }) => store.getRecord(key) ?? []);
  return { store, records, missing: [] };
}

async function takeStockNamed(
  what: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<Stock> {
  const store = openStore(options, surroundings.root);
  const earlier = new EarlierRecords(store);
  const { keys } = await namedResults(what, { store, records: earlier }, options, surroundings);
  const records = keys.flatMap((key) => store.getRecord(key) ?? []);
  const here = new Set(records.map(({ key }) => key));
  const missing = keys.filter((key) => !here.has(key)).map((key) => {
    const id = store.peekRecord(key)?.madeBy.id;
    return id ?? key.slice(0, 12);
  });
  return { store, records, missing };
}

function openStore({ store, verify = false }: PlanOptions, root: string): Store {
  return Store.open(storeFolder(root, store), { write: false, verify, onDamage: warn });
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
  const planned = await planPipeline(pipeline, context);
  return {
    store,
    records: planned.flatMap((stage) => stage.status === "hit" ? [stage.record] : []),
    missing: planned.filter(({ status }) => status !== "hit").map(({ instance }) => instance.id),
  };
}

function warn({ what, problem }: { what: string; problem: string }): void {
  printError(`warning: ${what} ${problem}\n`);
}
