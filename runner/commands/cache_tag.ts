/**
 * `cache tag`, `untag`, `tags`: give names to runs and results, by which these stay.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { EarlierRecords } from "../explain/earlier_records.ts";
import { readRunRecord } from "../runs/run_record.ts";
import { bytesOf, Contents, readHoldings } from "../store/care/holdings.ts";
import { explained } from "../store/files.ts";
import { hasFormat } from "../store/format.ts";
import { Store } from "../store/store.ts";
import { checkTagName, readTags, removeTag, type Tag, writeTag } from "../store/tags.ts";
import { count, formatAge, formatBytes } from "../ui/format.ts";
import { renderTable } from "../ui/table.ts";
import { lookIntoStore, type StoreOption } from "./look.ts";
import { namedResults } from "./named_results.ts";
import { type PlanOptions, print, printError, storeFolder, type Surroundings } from "./options.ts";

/** A tag as `--json` prints it. */
export interface TagListing extends Tag {
  /** In words. */
  what: string;
  /** How many of its results are stored, and their bytes; what they share counts once. */
  stored: number;
  bytes: number;
}

/** Makes a tag. @returns the exit code */
export async function cacheTagCommand(
  name: string,
  target: string,
  options: PlanOptions,
  surroundings: Surroundings,
): Promise<number> {
  checkTagName(name);
  const folder = storeFolder(surroundings.root, options.store);
  using store = Store.open(folder, { write: hasFormat(folder) });
  const records = new EarlierRecords(store);
  const { what, keys } = await namedResults(
    target,
    { store, records },
    options,
    surroundings,
  );
  const tag = keep(store, { name, names: what, keys });
  const listing = describe(store, tag);
  if (options.json) print(JSON.stringify(listing, null, 2) + "\n");
  else {
    print(
      `${name} is ${listing.what}: ${count(listing.stored, "result")} ` +
        `(${formatBytes(listing.bytes)}), kept until deno task cache untag ${name}\n`,
    );
  }
  const lost = keys.length - tag.keys.length;
  if (lost > 0) {
    printError(`warning: ${count(lost, "result")} of it ${lost === 1 ? "is" : "are"} gone\n`);
  }
  return 0;
}

/** In one turn, under one lock: whoever removes results finds the tag, or was there first. */
function keep(store: Store, { name, names, keys }: Pick<Tag, "name" | "names" | "keys">): Tag {
  return explained(store.folder, "write to the store", () => {
    const stored = keys.filter((key) => store.getRecord(key) !== undefined);
    if (stored.length === 0) throw new UserError("nothing of it is whole in the store any more");
    const taggedAt = new Date().toISOString();
    const tag: Tag = { format: 1, name, names, keys: stored, taggedAt };
    writeTag(store.folder, tag, store.objects.files);
    return tag;
  });
}

/** Takes a tag away. @returns the exit code */
export function cacheUntagCommand(
  name: string,
  options: StoreOption,
  { root }: Surroundings,
): number {
  const { folder } = lookIntoStore(root, options);
  explained(folder, "write to the store", () => removeTag(folder, name));
  if (options.json) print(JSON.stringify({ untagged: name }, null, 2) + "\n");
  else print(`${name} is no tag any more; what it named may go with the next cache gc\n`);
  return 0;
}

/** Lists tags. @returns the exit code */
export function cacheTagsCommand(options: StoreOption, { root, colors }: Surroundings): number {
  const store = lookIntoStore(root, options);
  const tags = readTags(store.folder).map((tag) => describe(store, tag));
  if (options.json) print(JSON.stringify(tags, null, 2) + "\n");
  else if (tags.length === 0) {
    print(`There are no tags in ${store.folder}; deno task cache tag NAME last makes one\n`);
  } else {
    const rows = tags.map(({ name, what, stored, keys, bytes, taggedAt }) => [
      name,
      what,
      stored === keys.length ? String(stored) : `${stored} of ${keys.length}`,
      formatBytes(bytes),
      formatAge(Date.now() - Date.parse(taggedAt)),
    ]);
    const columns = ["tag", "what", "results", "size", "since"];
    print(renderTable({ title: "Tags", columns, rows }, colors));
  }
  return 0;
}

function describe(store: Store, tag: Tag): TagListing {
  const keys = new Set(tag.keys);
  const holdings = [...readHoldings(store.folder)].filter(({ key }) => keys.has(key));
  return {
    ...tag,
    what: inWords(store, tag),
    stored: holdings.length,
    bytes: bytesOf(holdings, new Contents(store.folder)),
  };
}

function inWords(store: Store, { names }: Tag): string {
  if ("run" in names) {
    const pipeline = readRunRecord(store, names.run)?.pipeline;
    return `run ${names.run}${pipeline === undefined ? "" : ` of ${pipeline}`}`;
  }
  const madeBy = store.peekRecord(names.key)?.madeBy;
  return madeBy
    ? `${madeBy.id}.${names.output} of ${madeBy.pipeline}`
    : `${names.output} of a result that is gone`;
}
