/**
 * Looks at everything a store holds: are records, contents and folders what their names say?
 *
 * What is broken is set aside as a run would do it, so that the next run makes it anew. Running
 * pipelines may go on meanwhile: they find what is set aside missing, and make it anew too.
 *
 * @module
 */
import { UserError } from "../../diagnostic.ts";
import { digestFile } from "../digest.ts";
import { hasCode, namesIn, readIfThere, statIfThere } from "../files.ts";
import { decodeRecord } from "../records.ts";
import { SMALL } from "../remote/packs.ts";
import type { Store } from "../store.ts";
import { listFolder, type Tree } from "../tree.ts";
import { packsOf } from "../trees.ts";
import { readHoldings, recordKeys, recordPath } from "./holdings.ts";
import { countPacks, packedTrees, verifyPacks } from "./packs_held.ts";

/** Something that is not as it should be. */
export interface Finding {
  /** Path inside the store. */
  what: string;
  /** In words, e.g. `is missing`. */
  problem: string;
  /** The results that are to be made anew, as `pipeline: stage`. Empty if no result needs it. */
  affects: string[];
}

/** What was looked at. */
export interface Verified {
  findings: Finding[];
  results: number;
  contents: number;
  bytes: number;
}

/** Less than any content has, in bytes. */
const NOTHING = -1;

/** So many contents are looked at before others have their turn. */
const BATCH = 50;

/**
 * Looks at everything.
 *
 * @param onProgress hears how many bytes of how many were read
 */
export async function verifyStore(
  store: Store,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Verified> {
  const broken = new Map<string, Finding>(); // by digest
  const findings: Finding[] = [];
  const add = (what: string, problem: string): Finding => {
    const finding = { what, problem, affects: [] };
    findings.push(finding);
    return finding;
  };

  // Records first: contents that a run adds meanwhile are then not missed by an earlier record.
  for (const key of recordKeys(store.folder)) {
    const text = readIfThere(`${store.folder}/${recordPath(key)}`);
    if (text === undefined || decodeRecord(text, key)) continue;
    const problem = "does not have the content that was written";
    store.objects.setAside(recordPath(key), problem);
    add(recordPath(key), problem);
  }

  const { paths, total: ofObjects } = listContents(store);
  const total = ofObjects + countPacks(store).bytes;
  let done = 0;
  for (const [i, digest] of paths.entries()) {
    const problem = whatIsWrong(store.objects.path(digest), digest, (bytes) => done += bytes);
    if (problem !== undefined) {
      store.objects.setAside(store.objects.name(digest), problem);
      broken.set(digest, add(store.objects.name(digest), problem));
    }
    if (i % BATCH === 0) {
      onProgress(done, total);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
  /** Tree → contents up to so many bytes are in packs, or were before these broke. */
  const inPacks = new Map<string, number>();
  let packed = 0;
  const readPacks = (tree: string): number => {
    const packs = verifyPacks(store, tree);
    if (packs === undefined) return NOTHING;
    if ("damage" in packs) {
      broken.set(packs.damage.what, add(packs.damage.what, packs.damage.problem));
    } else {
      for (const { files, bytes } of packs.packs) {
        packed += files;
        done += bytes;
      }
    }
    inPacks.set(tree, SMALL);
    return SMALL;
  };
  for (const tree of packedTrees(store)) {
    readPacks(tree);
    onProgress(done, total);
    await new Promise((resolve) => setTimeout(resolve));
  }
  onProgress(total, total);

  for (const digest of namesIn(`${store.folder}/trees`)) {
    const tree = store.peekTree(digest);
    // Without its list nothing needs it, and nothing reads it.
    if (!tree || isAsListed(store, `${store.folder}/trees/${digest}`, tree)) continue;
    const what = `trees/${digest}`;
    const problem = "does not have the files that its list says";
    store.objects.setAside(what, problem);
    broken.set(what, add(what, problem));
  }

  let results = 0;
  for (const holding of readHoldings(store.folder)) {
    results++;
    const name = `${holding.pipeline}: ${holding.id}`;
    const blame = (digest: string, problem: string) => {
      if (!broken.has(digest)) broken.set(digest, add(store.objects.name(digest), problem));
      const affects = broken.get(digest)?.affects;
      if (affects && !affects.includes(name)) affects.push(name);
    };
    for (const tree of holding.trees) {
      const list = store.peekTree(tree);
      if (!list) {
        if (stillThere(store, holding.key)) blame(tree, "is missing");
        continue;
      }
      let upTo = inPacks.get(tree) ?? NOTHING;
      for (const { digest, size } of list.files) {
        if (size <= upTo) continue;
        const info = statIfThere(store.objects.path(digest));
        if (info?.size === size) continue;
        // It may have been packed meanwhile.
        if (info === undefined && size <= (upTo = readPacks(tree))) continue;
        const problem = info ? `has ${info.size} bytes instead of ${size}` : "is missing";
        if (stillThere(store, holding.key)) blame(digest, problem);
      }
      for (const what of [`trees/${tree}`, packsOf(tree)]) {
        const found = broken.get(what);
        if (found && !found.affects.includes(name)) found.affects.push(name);
      }
    }
  }
  for (const { affects } of findings) affects.sort();
  return { findings, results, contents: paths.length + packed, bytes: total };
}

/** A result that is collected meanwhile lacks nothing. */
export function stillThere(store: Store, key: string): boolean {
  return statIfThere(`${store.folder}/${recordPath(key)}`) !== undefined;
}

function listContents(store: Store): { paths: string[]; total: number } {
  const paths: string[] = [];
  let total = 0;
  for (const group of namesIn(`${store.folder}/objects`)) {
    for (const digest of namesIn(`${store.folder}/objects/${group}`)) {
      paths.push(digest);
      total += statIfThere(store.objects.path(digest))?.size ?? 0;
    }
  }
  return { paths, total };
}

/** Whether a folder of links has the listed files and no others. */
function isAsListed(store: Store, folder: string, tree: Tree): boolean {
  const listed = new Map(tree.files.map((file) => [file.path, file]));
  try {
    const { files, emptyFolders } = listFolder(folder, folder);
    return files.length === listed.size &&
      emptyFolders.sort().join("\0") === tree.emptyFolders.join("\0") &&
      files.every((path) => {
        const file = listed.get(path);
        const info = Deno.lstatSync(`${folder}/${path}`);
        if (file?.size !== info.size) return false;
        // A link to the content itself was looked at with it.
        const content = statIfThere(store.objects.path(file.digest));
        if (content?.ino === info.ino && content?.dev === info.dev) return true;
        return digestFile(`${folder}/${path}`).digest === file.digest;
      });
  } catch (error) {
    if (error instanceof UserError) return false; // something that is neither file nor folder
    if (hasCode(error, "ENOENT")) return true; // collected meanwhile
    throw error;
  }
}

/**
 * Reads a content. @param onRead hears how many bytes that were
 *
 * @returns what is wrong with it, in words; undefined if nothing is, or it has just been collected
 */
export function whatIsWrong(
  path: string,
  digest: string,
  onRead: (bytes: number) => void,
): string | undefined {
  try {
    if (statIfThere(path)?.isFile === false) return "is not a file";
    const read = digestFile(path);
    onRead(read.size);
    return read.digest === digest ? undefined : "does not have the content that its name says";
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined; // collected meanwhile
    if (hasCode(error, "EIO")) return "cannot be read: the disk reports an error";
    throw error;
  }
}
