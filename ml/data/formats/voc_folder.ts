/**
 * Pascal VOC's folders: `Annotations/`, `JPEGImages/`, and lists of names in `ImageSets/Main/`.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import { exists, namesIn, stemOf } from "./folders.ts";
import type { DetectionSource, DetectionSplits, ReadOptions, SourceImage } from "./source.ts";
import { findList, readWords } from "./lists.ts";
import { parseVoc, type VocRecord, vocToCoco } from "./voc.ts";

/** Where things lie, relative to the folder; what is left out is looked for. */
export interface VocLayout {
  /** Folder of XML files. */
  annotations?: string | undefined;
  /** Folder of pictures. */
  images?: string | undefined;
  /** List of names, one a line. */
  train?: string | undefined;
  /** List of names, one a line. */
  val?: string | undefined;
  /** The classes in the order of their ids, also those that do not occur. */
  labels?: readonly string[] | undefined;
}

/** What this reader takes. */
export interface VocReadOptions extends ReadOptions {
  /** Whether objects count that are marked as difficult; they do unless said. */
  difficult?: "keep" | "drop";
}

/** The folder that holds `Annotations/`, or `part`: the given one or the usual ones inside it. */
export async function findVoc(folder: string, part = "Annotations"): Promise<string | undefined> {
  const candidates = [folder];
  for (const outer of [folder, `${folder}/VOCdevkit`]) {
    const inner = (await namesIn(outer)).filter((name) => /^VOC\d{4}$/.test(name)).reverse();
    candidates.push(...inner.map((name) => `${outer}/${name}`));
  }
  for (const candidate of candidates) {
    if (await exists(`${candidate}/${part}`)) return candidate;
  }
  return undefined;
}

/**
 * Reads both splits. Classes in alphabetical order, unless given.
 *
 * @throws {InputError} if a list or everything in it is missing
 */
export async function readVocFolder(
  folder: string,
  layout: VocLayout,
  options: VocReadOptions,
): Promise<DetectionSplits> {
  const base = await findVoc(folder) ?? folder;
  const lists = {
    train: await findList(base, layout.train, "train", listPlaces("train")),
    val: await findList(base, layout.val, "val", listPlaces("val", "valid", "test")),
  };
  const annotations = `${base}/${layout.annotations ?? "Annotations"}`;
  const pictures = `${base}/${layout.images ?? "JPEGImages"}`;
  const train = await readRecords(lists.train, annotations, options);
  const val = await readRecords(lists.val, annotations, options);
  const found = classNames([...train, ...val]);
  const missing = (options.classes ?? []).filter((name) => !found.includes(name));
  if (missing.length > 0) {
    throw new InputError(
      `Cannot use ${base}: it has no class "${missing.join('", "')}"; ` +
        `expected some of ${found.join(", ")}`,
    );
  }
  const labels = options.classes ?? layout.labels ?? found;
  const byStem = new Map((await namesIn(pictures)).map((name) => [stemOf(name), name]));
  const toSource = (name: string, records: VocRecord[]) =>
    source(name, records, labels, options, (image) => {
      // A picture may have been converted after it was annotated: a.jpg in the XML, a.png on disk.
      const other = byStem.get(String(image.id)) ?? image.file_name;
      return [image.file_name, other].map((name) => `${pictures}/${name}`);
    });
  return { train: toSource(lists.train, train), val: toSource(lists.val, val) };
}

/** Names that occur, in alphabetical order of character codes. */
function classNames(records: readonly VocRecord[]): string[] {
  const names = new Set(records.flatMap(({ objects }) => objects.map(({ name }) => name)));
  names.delete("");
  return [...names].sort();
}

function source(
  name: string,
  records: VocRecord[],
  labels: readonly string[],
  { classes, difficult = "keep", onDefect }: VocReadOptions,
  candidates: (image: SourceImage) => string[],
): DetectionSource {
  // Objects of classes nobody asked for are no defect.
  const wanted = records.map((record) => ({
    ...record,
    objects: record.objects.filter((object) =>
      (classes?.includes(object.name) ?? true) && (difficult === "keep" || !object.difficult)
    ),
  }));
  return { name, ...vocToCoco(wanted, { labels, onDefect }), candidates };
}

function listPlaces(...names: string[]): string[] {
  return names.flatMap((name) =>
    ["ImageSets/Main/", "ImageSets/", ""].map((folder) => `${folder}${name}.txt`)
  );
}

/** The records of a list, each image once; faulty files are reported and left out. */
async function readRecords(
  list: string,
  annotations: string,
  { onDefect }: ReadOptions,
): Promise<VocRecord[]> {
  const records: VocRecord[] = [];
  const seen = new Set<string>();
  // Lists of one class put -1, 0 or 1 behind the name.
  for (const [stem] of await readWords(list)) {
    const file = `${annotations}/${stem}.xml`;
    try {
      const record = parseVoc(await Deno.readTextFile(file), file);
      const named = stemOf(record.fileName);
      // The file's own name is the better witness where a copied <filename> would name a twin.
      if (seen.has(named)) {
        if (seen.has(stem)) {
          onDefect({ kind: "listed twice", file: list, detail: `"${stem}" is taken once` });
          continue;
        }
        const detail = `it names the picture of another annotation, ${record.fileName}; ` +
          `the picture called ${stem} is taken`;
        onDefect({ kind: "wrong file name", file, detail });
        record.fileName = `${stem}${record.fileName.slice(named.length)}`;
      }
      seen.add(stemOf(record.fileName));
      records.push(record);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) {
        onDefect({ kind: "missing annotation", file, detail: "no such file; image left out" });
      } else if (error instanceof InputError) {
        onDefect({ kind: "unreadable annotation", file, detail: `${error.message}; left out` });
      } else {
        throw error;
      }
    }
  }
  if (records.length > 0) return records;
  throw new InputError(`Cannot use ${list}: none of its annotations is in ${annotations}`);
}
