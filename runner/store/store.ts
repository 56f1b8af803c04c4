/**
 * The content store: files by their SHA-256, folders as trees of them, and one record for each
 * action that was done.
 *
 * ```
 * objects/ab/ab12…        content, read-only; trees are objects too
 * actions/ab/ab12….json   what came of the action with this key; written last, so it is the commit
 * trees/<digest>/         folders of links to objects, for stages to read
 * packs/<digest>/         small files of a folder that nothing has used for long; see care/pack.ts
 * work/<key>/             a running stage's folders; `scratch` outlives an interruption
 * claims/<key>/           who runs this stage now; see claims.ts
 * runs/<id>.json          what was run when, and what came of it; written once
 * tags/<name>             which results stay because a person named them; see tags.ts
 * history/<pipeline>      which keys a pipeline's stages last had: only to explain plans
 * cache/                  digests known by stat; may be deleted at any time
 * tmp/, quarantine/       half-written and broken things
 * present/<owner>/, lock  what running programs use; see presence.ts
 * ```
 *
 * Whatever is written gets its name only when it is whole and on the disk: killed at any moment, a
 * store holds a result or it does not.
 *
 * @module
 */
import { resolve } from "node:path";
import type { ActionRecord } from "../plan/record.ts";
import {
  AtomicFiles,
  explain,
  explained,
  followIfThere,
  isUnwritable,
  readIfThere,
  removeIfThere,
  statIfThere,
} from "./files.ts";
import { hasFormat, isWritable, storeFolder, writeFormat } from "./format.ts";
import { History } from "./history.ts";
import { type ClaimHolder, Claims, type Taken } from "./claims.ts";
import { removeFinishedWork, removeLeftovers } from "./leftovers.ts";
import { type Damage, Objects } from "./objects.ts";
import { ownName } from "./owner.ts";
import { FileDigests } from "./file_digests.ts";
import { digestFolder, readable } from "./path_digests.ts";
import { peekTree } from "./peek_tree.ts";
import { Presence } from "./presence.ts";
import { decodeRecord, encodeRecord, shareNothing } from "./records.ts";
import { listRecords } from "./record_list.ts";
import {
  addToRun,
  listOpenRuns,
  listRuns,
  openRun,
  readOpenRun,
  readRun,
  writeRun,
} from "./runs.ts";
import { decodeTree, type Tree } from "./tree.ts";
import { sealed, unsealed } from "./sealed.ts";
import {
  checkTree,
  holdsTree,
  ingestFolder,
  materialiseTree,
  packsOf,
  type TreeCheck,
  unpackIfPacked,
  unusable,
} from "./trees.ts";

export type { Damage } from "./objects.ts";

/** How a store is opened. */
export interface StoreOptions {
  /** False for looking only (`plan`): creates nothing, and a folder that is not there is empty. */
  write?: boolean;
  /** Check the digest of everything that is used, not only its size and time. Default false. */
  verify?: boolean;
  /** A tree whose digests were checked longer ago than this is checked in full again. Default 14. */
  verifyAfterDays?: number;
  /** Told of everything broken that is met. It is set aside, and made again by the next run. */
  onDamage?: (damage: Damage) => void;
}

/** What the store knows under a key. */
export type Lookup =
  | { status: "found"; record: ActionRecord }
  | { status: "absent" }
  /** There is a record, but it or some of its result is gone or broken. */
  | { status: "damaged"; damage: Damage };

/** Paths of one running stage. They belong to whoever runs it. */
export interface WorkFolder {
  /** Holds all the others. */
  folder: string;
  /** Folder of the outputs. */
  out: string;
  /** Folder that outlives an interruption. */
  scratch: string;
  /** File of what the stage reports. */
  events: string;
  /** File of what the stage prints. */
  log: string;
}

/** A store in a folder. Several may be open on one folder, in one process or in many. */
export class Store {
  readonly #files: AtomicFiles;
  readonly #objects: Objects;
  readonly #check: TreeCheck;
  readonly #write: boolean;
  /** Of folders outside, by digest; only where they may not be stored. */
  readonly #listings = new Map<string, () => Iterable<string>>();
  readonly #fileDigests: FileDigests;
  readonly #history: History;
  readonly #claims: Claims;
  readonly #presence: Presence;
  #openedAt: number | undefined;

  /** @param folder absolute real path */
  private constructor(readonly folder: string, options: StoreOptions) {
    const { write = true, verify = false, verifyAfterDays = 14, onDamage = () => {} } = options;
    this.#files = new AtomicFiles(`${folder}/tmp/${ownName()}`);
    this.#presence = new Presence(folder);
    this.#objects = new Objects(folder, this.#files, once(onDamage), this.#presence);
    this.#check = { verify, maxAge: verifyAfterDays * 24 * 3600 * 1000 };
    this.#write = write;
    this.#fileDigests = new FileDigests(`${folder}/cache/files`, this.#files);
    this.#history = new History(`${folder}/history`, this.#files);
    this.#claims = new Claims(`${folder}/claims`, this.#files);
  }

  /**
   * Opens a store, makes it if need be, and removes what dead runners left behind.
   *
   * One that cannot be written to, or has no room, still serves what it holds: {@link Store.claim},
   * which comes before all other writing, says what is wrong.
   *
   * @throws {UserError} if the folder cannot be a store
   */
  static open(folder: string, options: StoreOptions = {}): Store {
    const path = resolve(folder);
    return explained(path, "open the store", () => {
      const isNew = !hasFormat(path);
      const write = (options.write ?? true) && (isNew || isWritable(path));
      const store = new Store(storeFolder(path, { write }), { ...options, write });
      if (!write) return store;
      if (isNew) writeFormat(store.folder, store.#files);
      store.#ifPossible(() => store.#tidy());
      return store;
    });
  }

  /** Removes what dead runners left behind. */
  #tidy(): void {
    this.#openedAt = this.#presence.begin();
    removeLeftovers(`${this.folder}/tmp`, this.#openedAt);
    this.#claims.sweep();
    const isDone = (key: string) => statIfThere(`${this.folder}/${recordName(key)}`) !== undefined;
    removeFinishedWork(`${this.folder}/work`, isDone, this.#claims);
  }

  /**
   * Asks for a key before its stage is run: of several runners one gets it.
   *
   * @throws {UserError} if the store cannot be written to
   */
  claim(key: string): Taken {
    return explained(this.folder, "write to the store", () => this.#claims.take(key));
  }

  /** Who works on a key now; undefined if nobody does who may be alive. Takes nothing. */
  whoWorksOn(key: string): ClaimHolder | undefined {
    return this.#claims.look(key);
  }

  /** Removes this process's temporary files. Whoever forgets leaves that to the next runner. */
  close(): void {
    removeIfThere(this.#files.temporary);
    this.#presence.end();
  }

  /** Same as {@link Store.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * When it was opened for writing, by the clock of the disk, in milliseconds; undefined if it was
   * not.
   */
  get openedAt(): number | undefined {
    return this.#openedAt;
  }

  /** The contents, for what carries them from one store to another. */
  get objects(): Objects {
    return this.#objects;
  }

  /** Returns the record under a key if all it promises is there. */
  getRecord(key: string): ActionRecord | undefined {
    const found = this.lookup(key);
    return found.status === "found" ? found.record : undefined;
  }

  /** Like {@link Store.getRecord}, and tells what was never made from what is broken. */
  lookup(key: string): Lookup {
    return explained(this.folder, "read the store", () => {
      const name = recordName(key);
      this.#presence.use(key);
      const text = readIfThere(`${this.folder}/${name}`);
      if (text === undefined) {
        const info = statIfThere(`${this.folder}/${name}`);
        if (info === undefined || info.isFile) return { status: "absent" }; // or written just now
        return { status: "damaged", damage: this.#objects.setAside(name, "is not a file") };
      }
      const record = decodeRecord(text, key);
      if (record === undefined) {
        const damage = this.#objects.setAside(name, "does not have the content that was written");
        return { status: "damaged", damage };
      }
      if (record.bare) return { status: "absent" };
      for (const tree of Object.values(record.outputs)) {
        const checked = checkTree(this.#objects, tree, this.#check);
        if ("damage" in checked) return { status: "damaged", damage: checked.damage };
      }
      return { status: "found", record: shareNothing(record) };
    });
  }

  /** Returns the record as it was written, whether its outputs are there or not: for comparing. */
  peekRecord(key: string): ActionRecord | undefined {
    const text = readIfThere(`${this.folder}/${recordName(key)}`);
    return text === undefined ? undefined : decodeRecord(text, key);
  }

  /** All records, as {@link Store.peekRecord} gives them. */
  records(): Generator<ActionRecord> {
    return listRecords(`${this.folder}/actions`);
  }

  /** The list of a stored folder's files; undefined if it is gone or broken. For comparing. */
  peekTree(digest: string): Tree | undefined {
    const listing = this.#listings.get(digest);
    return listing
      ? decodeTree([...listing()].join(""))
      : peekTree(this.objectPath(digest), digest);
  }

  /** Whether all files of a folder are here, as far as a look tells. */
  holds(tree: string): boolean {
    const list = this.peekTree(tree);
    return list !== undefined && holdsTree(this.#objects, tree, list);
  }

  /** Whether a folder is in packs, and not laid out to be read. */
  isPacked(tree: string): boolean {
    return statIfThere(`${this.folder}/trees/${tree}`) === undefined &&
      statIfThere(`${this.folder}/${packsOf(tree)}`) !== undefined;
  }

  /**
   * Makes objects again of what is in packs of these folders, for who reads {@link objectPath}.
   *
   * @throws {UserError} if a pack is missing or broken; it is set aside, so a rerun mends it
   */
  async unpack(trees: Iterable<string>): Promise<void> {
    try {
      for (const tree of new Set(trees)) {
        const damage = await unpackIfPacked(this.#objects, tree);
        if (damage) throw unusable(tree, damage);
      }
    } catch (error) {
      throw explain(this.folder, "write to the store", error);
    }
  }

  /** The last step of a finished stage, after its outputs are ingested: now it is a hit. */
  putRecord(record: ActionRecord): void {
    this.takeRecord(record);
    this.remember(record.madeBy.pipeline, new Map([[record.madeBy.id, record.key]]));
  }

  /** Keeps the record of what another store made, once all it promises is here. */
  takeRecord(record: ActionRecord): void {
    explained(this.folder, "write to the store", () => this.#writeRecord(record));
  }

  /** Keeps a record that can be put together again, if that is possible. @returns whether it was */
  keepRecord(record: ActionRecord): boolean {
    let kept = false;
    if (this.#write) {
      this.#ifPossible(() => {
        this.#writeRecord(record);
        kept = true;
      });
    }
    return kept;
  }

  #writeRecord(record: ActionRecord): void {
    this.#files.write(`${this.folder}/${recordName(record.key)}`, encodeRecord(record));
  }

  /**
   * Moves a finished folder into the store; the folder is then used up.
   *
   * @param name what to call it in messages, e.g. `output "lr" of stage small`
   * @returns digest of its tree
   * @throws {UserError} for links, sockets and the like in the folder; for a full disk
   */
  async ingest(folder: string, name: string = folder): Promise<string> {
    try {
      return await ingestFolder(this.#objects, folder, name);
    } catch (error) {
      throw explain(this.folder, "write to the store", error);
    }
  }

  /** Stores a copy of one file, e.g. a log. @returns its digest */
  putFile(path: string): string {
    return explained(this.folder, "write to the store", () => this.#objects.putCopy(path));
  }

  /** Absolute path of the stored file with this digest. Read-only; may be missing. */
  objectPath(digest: string): string {
    return this.#objects.path(digest);
  }

  /**
   * A read-only folder with a tree's files, made once and shared by all who read it.
   *
   * @returns its absolute real path
   * @throws {UserError} if an object is missing or broken; it is set aside, so a rerun mends it
   */
  async materialise(tree: string): Promise<string> {
    try {
      return await materialiseTree(this.#objects, tree, this.#check);
    } catch (error) {
      throw explain(this.folder, "write to the store", error);
    }
  }

  /** Path for a new file or folder of this process, which is gone once the store is closed. */
  temporary(): string {
    return explained(this.folder, "write to the store", () => this.#files.newName());
  }

  /** Paths for running the stage with this key. Creates nothing. */
  work(key: string): WorkFolder {
    const folder = `${this.folder}/work/${key}`;
    return {
      folder,
      out: `${folder}/out`,
      scratch: `${folder}/scratch`,
      events: `${folder}/events`,
      log: `${folder}/log`,
    };
  }

  /**
   * Digest of a file or folder outside the store. What has not changed since the last time costs a
   * stat.
   *
   * @param path absolute
   */
  digestPath(path: string): string {
    const info = followIfThere(path);
    if (info?.isFile) {
      return readable(
        path,
        () => this.#fileDigests.digest(path, info, { learn: this.#canCache() }),
      );
    }
    return digestFolder(
      path,
      `${this.folder}/cache/folders`,
      this.#canCache() ? this.#files : undefined,
      Date.now(),
      (digest, pieces) => this.#keepListing(digest, pieces),
    );
  }

  /** So that {@link Store.peekTree} can tell, also later, which files of a folder have changed. */
  #keepListing(digest: string, pieces: () => Iterable<string>): void {
    if (!this.#write) this.#listings.set(digest, pieces);
    else if (statIfThere(this.objectPath(digest)) === undefined) {
      this.#ifPossible(() => this.#objects.putPieces(pieces));
    }
  }

  /** Notes the keys with which stages of a pipeline succeeded, by instance id. */
  remember(pipeline: string, keys: ReadonlyMap<string, string>): void {
    this.#ifPossible(() => this.#history.add(pipeline, keys));
  }

  /** What {@link Store.remember} noted last: instance id → key. */
  remembered(pipeline: string): Map<string, string> {
    return this.#history.read(pipeline);
  }

  /** Ids of all runs, oldest first; those included that have not ended. */
  runIds(): string[] {
    return listRuns(`${this.folder}/runs`);
  }

  /** Ids of runs that have no manifest, because they last or were killed; oldest first. */
  openRunIds(): string[] {
    return listOpenRuns(`${this.folder}/runs`);
  }

  /** Says that a run has begun, if that is possible. */
  beginRun(id: string, text: string): void {
    this.#ifPossible(() => openRun(`${this.folder}/runs`, id, text));
  }

  /** Adds to what {@link Store.beginRun} said. */
  addToRun(id: string, text: string): void {
    this.#ifPossible(() => addToRun(`${this.folder}/runs`, id, text));
  }

  /** What was said of a run that has not ended; undefined if it has. */
  readOpenRun(id: string): string | undefined {
    return readOpenRun(`${this.folder}/runs`, id);
  }

  /** Writes the manifest of a run that has ended, if that is possible. */
  putRun(id: string, text: string): void {
    this.#ifPossible(() => writeRun(`${this.folder}/runs`, id, text, this.#files));
  }

  /** Keeps the manifest of a run in another store, once its results are here. */
  takeRun(id: string, text: string): void {
    explained(this.folder, "write to the store", () => {
      writeRun(`${this.folder}/runs`, id, text, this.#files);
    });
  }

  /** Text of a run's manifest; undefined if there is none. */
  readRun(id: string): string | undefined {
    return readRun(`${this.folder}/runs`, id);
  }

  /** Reads something that can be made again. @param name e.g. `code.json` */
  readCache(name: string): string | undefined {
    return unsealed(readIfThere(`${this.folder}/cache/${name}`));
  }

  /** Keeps something that can be made again, if that is possible. */
  writeCache(name: string, text: string): void {
    if (!this.#canCache()) return;
    this.#ifPossible(() => this.#files.writeCache(`${this.folder}/cache/${name}`, sealed(text)));
  }

  /** Looking only must not create a store where there is none, but may use one that is there. */
  #canCache(): boolean {
    return this.#write || hasFormat(this.folder);
  }

  /** For what only saves time or helps to explain: a run that can go on without it does. */
  #ifPossible(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!isUnwritable(error)) throw error;
    }
  }
}

/** Says only once what is broken: when it is looked for again, it is missing. */
function once(report: (damage: Damage) => void): (damage: Damage) => void {
  const said = new Set<string>();
  return (damage) => {
    if (!said.has(damage.what)) report(damage);
    said.add(damage.what);
  };
}

function recordName(key: string): string {
  return `actions/${key.slice(0, 2)}/${key}.json`;
}
