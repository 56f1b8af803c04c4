/**
 * Folders in and out of the store.
 *
 * @module
 */
import { UserError } from "../diagnostic.ts";
import { digestFile } from "./digest.ts";
import { FileList } from "./file_list.ts";
import {
  flush,
  hasCode,
  moveInto,
  parent,
  readIfThere,
  removeIfThere,
  seal,
  statIfThere,
  STORED_TIME,
} from "./files.ts";
import { type Damage, MISSING, type Objects } from "./objects.ts";
import type { Pack } from "./remote/packs.ts";
import { unsealed } from "./sealed.ts";
import { listFolder, scanTree, type Tree, treePieces, type TreeText } from "./tree.ts";

/** Work this long before others get a turn, in milliseconds: the progress display stays alive. */
const TURN = 30;

/** How thoroughly a tree is looked at. */
export interface TreeCheck {
  /** Check all digests even if that was done lately. */
  verify: boolean;
  /** Digests count as checked for this long, in milliseconds. */
  maxAge: number;
}

/**
 * Moves a finished folder into the store; the folder is then used up.
 *
 * Everything is hashed, sealed and flushed before the first file gets its name, so a crash leaves
 * whole objects or none.
 *
 * @param name what to call the folder in messages
 * @returns digest of its tree
 */
export async function ingestFolder(
  objects: Objects,
  folder: string,
  name: string,
): Promise<string> {
  const turns = new Turns();
  const { files, emptyFolders } = listFolder(folder, name);
  const { dev } = Deno.lstatSync(objects.store);
  const list = new FileList();
  const fresh: number[] = [];
  const copies = new Map<number, string>(); // of files that others hold links to, or of another disk
  for (const [at, path] of files.entries()) {
    const source = `${folder}/${path}`;
    const info = Deno.lstatSync(source);
    const { digest, size } = digestFile(source);
    list.add(path, digest, [size], ((info.mode ?? 0) & 0o100) !== 0);
    if (!objects.has(digest, size)) {
      fresh.push(at);
      if (info.nlink !== 1 || info.dev !== dev) copies.set(at, objects.files.copy(source));
    }
    if (turns.due) await turns.pass();
  }
  const moves = {
    *[Symbol.iterator](): Generator<Move> {
      for (const at of fresh) {
        yield { source: copies.get(at) ?? `${folder}/${files[at]}`, digest: list.digest(at) };
      }
    },
  };
  await adoptFiles(objects, moves, turns);
  const digest = objects.putPieces(() => treePieces(list.sorted(), emptyFolders));
  removeIfThere(folder);
  return digest;
}

/** A file that is to become an object. */
interface Move {
  source: string;
  digest: string;
}

/**
 * Turns files on the store's filesystem into objects; who calls has checked their digests.
 *
 * @param fresh gone through several times
 */
export async function adoptFiles(
  objects: Objects,
  fresh: Iterable<Move>,
  turns: Turns = new Turns(),
): Promise<void> {
  const homes = new Set<string>();
  const sources = {
    *[Symbol.iterator]() {
      for (const { source } of fresh) yield source;
    },
  };
  for (const { source, digest } of fresh) {
    seal(source);
    homes.add(parent(objects.path(digest)));
  }
  flush(sources, [], objects.store);
  for (const { source, digest } of fresh) {
    // Equal files in one folder: the second has nothing left to do, and replaces the first.
    moveInto(source, objects.path(digest));
    if (turns.due) await turns.pass();
  }
  flush([], homes, objects.store);
}

/**
 * Looks whether a tree and all its files are there and whole, as objects or in packs.
 *
 * The time of the tree's own object says when all its digests were last checked.
 */
export function checkTree(
  objects: Objects,
  digest: string,
  { verify, maxAge }: TreeCheck,
): { tree: TreeText; isPacked: boolean } | { damage: Damage } {
  const read = objects.readBytes(digest);
  if ("damage" in read) return read;
  const tree = scanTree(read.bytes);
  const path = objects.path(digest);
  const age = Date.now() - (Deno.lstatSync(path).mtime?.getTime() ?? 0);
  const full = verify || age > maxAge || age < -maxAge; // a clock that jumped proves nothing
  let inPacks = NOTHING;
  for (const { digest: content, size } of tree.files()) {
    if (size <= inPacks) continue;
    const problem = objects.problemOf(objects.name(content), content, { size, full });
    if (problem === undefined) continue;
    const packs = problem === MISSING ? checkPacks(objects, digest, { full }) : undefined;
    if (packs && "damage" in packs) return packs;
    if (packs === undefined || size > packs.upTo) {
      return { damage: objects.damaged(content, problem) };
    }
    inPacks = packs.upTo;
  }
  if (full) stamp(path);
  return { tree, isPacked: inPacks !== NOTHING };
}

/** Less than any content has, in bytes. */
const NOTHING = -1;

/** What `packs/<tree>/index` says, behind its digest; beside it lie the packs by their digests. */
export interface PackIndex {
  /** All contents of the tree with up to so many bytes are in the packs, in the tree's order. */
  upTo: number;
  packs: Pack[];
}

/** Path of a tree's packs inside the store. */
export function packsOf(tree: string): string {
  return `packs/${tree}`;
}

/** Reads which packs a tree has. @returns undefined if it has none, or the index is broken */
export function readPackIndex(objects: Objects, tree: string): PackIndex | undefined {
  const text = unsealed(readIfThere(`${objects.store}/${packsOf(tree)}/index`));
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Looks whether the packs of a tree are whole, as {@link Objects.check} does it with objects. If one
 * of them is broken, all are set aside.
 *
 * @returns undefined if there are none
 */
export function checkPacks(
  objects: Objects,
  tree: string,
  { full }: { full: boolean },
): PackIndex | { damage: Damage } | undefined {
  const what = packsOf(tree);
  if (statIfThere(`${objects.store}/${what}`) === undefined) return undefined;
  const index = readPackIndex(objects, tree);
  if (index === undefined) return { damage: objects.setAside(what, "has no readable index") };
  for (const { digest, bytes } of index.packs) {
    const problem = objects.problemOf(`${what}/${digest}`, digest, { size: bytes, full });
    if (problem === undefined) continue;
    return { damage: objects.setAside(what, `is broken: pack ${digest.slice(0, 12)} ${problem}`) };
  }
  return index;
}

/** Whether all files of a tree are there, as far as a look tells. */
export function holdsTree(objects: Objects, digest: string, { files }: Tree): boolean {
  let inPacks = NOTHING;
  const lookIntoPacks = () => {
    const packs = checkPacks(objects, digest, { full: false });
    return inPacks = packs && "upTo" in packs ? packs.upTo : NOTHING;
  };
  return files.every(({ digest, size }) =>
    size <= inPacks || statIfThere(objects.path(digest))?.size === size || size <= lookIntoPacks()
  );
}

/**
 * Makes objects again of what is in packs of a tree, if anything is.
 *
 * @returns what is broken, if that is why it cannot be done
 */
export async function unpackIfPacked(objects: Objects, tree: string): Promise<Damage | undefined> {
  if (statIfThere(`${objects.store}/${packsOf(tree)}`) === undefined) return undefined;
  const { unpackTree } = await import("./unpack.ts");
  return await unpackTree(objects, tree);
}

function stamp(path: string): void {
  try {
    Deno.utimeSync(path, new Date(), new Date());
  } catch (error) {
    // Another person's store: it is checked again the next time.
    if (!hasCode(error, "EPERM", "EACCES", "EROFS")) throw error;
  }
}

/**
 * Makes `trees/<digest>`, a folder of links to the objects, unless it is there and right.
 *
 * @returns its absolute path; all who need the tree read this one folder
 */
export async function materialiseTree(
  objects: Objects,
  digest: string,
  check: TreeCheck,
): Promise<string> {
  const checked = checkTree(objects, digest, check);
  if ("damage" in checked) throw unusable(digest, checked.damage);
  const target = `${objects.store}/trees/${digest}`;
  if (statIfThere(target)) {
    if (isIntact(target, checked.tree)) return target;
    const aside = objects.files.newName(); // out of sight at once: removing it takes longer
    moveInto(target, aside);
    removeIfThere(aside);
  }
  const damage = checked.isPacked ? await unpackIfPacked(objects, digest) : undefined;
  if (damage) throw unusable(digest, damage);
  const building = objects.files.newName();
  await build(objects, checked.tree, building);
  try {
    moveInto(building, target);
  } catch (error) {
    // Another runner was quicker: what it made is the same.
    if (!hasCode(error, "ENOTEMPTY", "EEXIST")) throw error;
    removeIfThere(building);
  }
  return target;
}

/** What to tell who wants to read a folder that is broken. */
export function unusable(digest: string, { what, problem }: Damage): UserError {
  return new UserError({
    message: `Cannot use the stored folder ${digest.slice(0, 12)}: ${what} ${problem}`,
    notes: ["It has been set aside; run again, and what made it runs anew"],
  });
}

async function build(objects: Objects, tree: TreeText, folder: string): Promise<void> {
  const turns = new Turns();
  const made = new Set<string>();
  const makeFolder = (path: string) => {
    if (!made.has(path)) Deno.mkdirSync(path, { recursive: true });
    made.add(path);
  };
  makeFolder(folder);
  for (const path of tree.emptyFolders) makeFolder(`${folder}/${path}`);
  for (const { path, digest, executable } of tree.files()) {
    const target = `${folder}/${path}`;
    makeFolder(parent(target));
    // Permissions belong to the content, not to its name, so a program needs a copy of its own.
    if (executable) copySealed(objects.path(digest), target, { executable });
    else linkOrCopy(objects.path(digest), target);
    if (turns.due) await turns.pass();
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    Deno.linkSync(source, target);
  } catch (error) {
    // No links here, not to another person's file, or too many to this one (65,000 on ext4).
    if (!hasCode(error, "EXDEV", "EPERM", "EMLINK", "ENOTSUP", "ENOSYS")) throw error;
    copySealed(source, target);
  }
}

function copySealed(source: string, target: string, options?: { executable: boolean }): void {
  Deno.copyFileSync(source, target);
  seal(target, options);
}

/** Same files, sizes and seals as in the tree, and nothing else. */
function isIntact(folder: string, tree: TreeText): boolean {
  try {
    let count = 0;
    for (const { path, size } of tree.files()) {
      count++;
      const info = statIfThere(`${folder}/${path}`);
      const isAsListed = info?.isFile && info.size === size &&
        info.mtime?.getTime() === STORED_TIME * 1000;
      if (!isAsListed) return false;
    }
    const { files, emptyFolders } = listFolder(folder, folder);
    return files.length === count &&
      emptyFolders.sort().join("\0") === tree.emptyFolders.join("\0");
  } catch (error) {
    if (error instanceof UserError) return false; // something that is neither file nor folder
    throw error;
  }
}

/** Lets other work of this process have its turn now and then. */
class Turns {
  #since = performance.now();

  get due(): boolean {
    return performance.now() - this.#since >= TURN;
  }

  async pass(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
  }
}
