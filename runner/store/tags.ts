/**
 * Tags: names that people give to runs and results, which then stay until the tag is taken away.
 *
 * ```
 * tags/<name>    what it names and the keys of all that stays, behind a digest (sealed.ts)
 * ```
 *
 * The keys are written down once, when the tag is made: whoever removes results only has to read
 * them. They are looked up and written in one turn, under the lock that keeps results from going
 * (presence.ts).
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { didYouMean } from "../nearest.ts";
import { type AtomicFiles, namesIn, readIfThere, removeIfThere, statIfThere } from "./files.ts";
import { sealed, unsealed } from "./sealed.ts";

/** What a tag names: a run by its id, or an output of a result by its key. */
export type Tagged = { run: string } | { key: string; output: string };

/** One tag. */
export interface Tag {
  /** Another number: another form, which this program does not read. */
  format: 1;
  name: string;
  names: Tagged;
  /** Keys of the results that stay because of it. */
  keys: string[];
  /** UTC, ISO 8601. */
  taggedAt: string;
}

/** Folder of a store. */
const TAGS = "tags";

/** Letters and digits of any alphabet would be other bytes on other disks. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** What has a meaning of its own where a tag may stand. */
const OTHERS: [RegExp, string][] = [
  [/^last$/, "a past run"],
  [/^all$/, "all that is stored"],
  [/^\d{8}(-[\da-z-]*)?$/, "the id of a run"],
  [/^[0-9a-f]{4,64}$/, "a digest"],
  [/\.ya?ml$/, "a pipeline file"],
];

/** @throws {UserError} for what cannot be a tag, or means something else */
export function checkTagName(name: string): void {
  const notes = ["a name has letters, digits, . _ and -, such as paper-v1"];
  if (!NAME.test(name)) {
    throw new UserError({ message: `"${name}" cannot be the name of a tag`, notes });
  }
  const other = OTHERS.find(([form]) => form.test(name));
  if (other === undefined) return;
  throw new UserError({
    message: `"${name}" cannot be the name of a tag: it looks like ${other[1]}`,
    notes,
  });
}

/** Names of all tags, sorted. @param store absolute path */
export function tagNames(store: string): string[] {
  return namesIn(`${store}/${TAGS}`).filter((name) => NAME.test(name));
}

/** Reads a tag; undefined if there is none. @throws {UserError} if it is not as it was written */
export function readTag(store: string, name: string): Tag | undefined {
  const whole = NAME.test(name) ? readIfThere(tagPath(store, name)) : undefined;
  if (whole === undefined) return undefined;
  const tag: unknown = JSON.parse(unsealed(whole) ?? "null");
  if (isTag(tag) && tag.name === name) return tag;
  throw new UserError({
    message: `Cannot read the tag "${name}": ${TAGS}/${name} of the store ${store} has changed, ` +
      "or another version wrote it",
    notes: [`deno task cache untag ${name} removes it; then tag again`],
  });
}

/**
 * Reads all tags, in the order of their names.
 *
 * @throws {UserError} if one cannot be read: what it keeps is then not known
 */
export function readTags(store: string): Tag[] {
  return tagNames(store).flatMap((name) => readTag(store, name) ?? []);
}

/** Keys of all results that stay because of a tag. @throws {UserError} as {@link readTags} does */
export function taggedKeys(store: string): Set<string> {
  return new Set(readTags(store).flatMap(({ keys }) => keys));
}

/** Writes a tag, whole or not at all. @throws {UserError} if its name is taken */
export function writeTag(store: string, tag: Tag, files: AtomicFiles): void {
  const { name } = tag;
  if (statIfThere(tagPath(store, name))) {
    throw new UserError({
      message: `there is a tag "${name}" already`,
      notes: [`deno task cache untag ${name} takes it away; deno task cache tags shows all`],
    });
  }
  files.write(tagPath(store, name), sealed(JSON.stringify(tag) + "\n"));
}

/** Takes a tag away. @throws {UserError} if there is none */
export function removeTag(store: string, name: string): void {
  const names = tagNames(store);
  if (names.includes(name)) return removeIfThere(tagPath(store, name));
  const hint = didYouMean(name, names);
  throw new UserError({
    message: `there is no tag "${name}"`,
    ...(hint === undefined ? {} : { hint }),
    notes: [names.length === 0 ? "there are no tags yet" : `tags: ${names.join(", ")}`],
  });
}

function tagPath(store: string, name: string): string {
  return `${store}/${TAGS}/${name}`;
}

function isTag(value: unknown): value is Tag {
  return typeof value === "object" && value !== null && "format" in value && value.format === 1 &&
    "name" in value && "names" in value && "keys" in value && Array.isArray(value.keys);
}
