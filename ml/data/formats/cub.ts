/**
 * CUB-200-2011: birds in a folder for each class, and lists that tell training from test pictures.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import { type ClassSplits, type NamedImages, numberClasses } from "./class_source.ts";
import { findBelow } from "./folders.ts";
import { readWords } from "./lists.ts";
import type { OnDefect } from "./source.ts";

/**
 * Reads both splits. Classes are the folders, `001.Black_footed_Albatross` and so on.
 *
 * @param name how messages call what the folder came from
 * @throws {InputError} if a list is missing
 */
export async function readCub(
  folder: string,
  { name, onDefect }: { name: string; onDefect: OnDefect },
): Promise<ClassSplits> {
  const base = await findBelow(folder, 2, (names) => names.includes("train_test_split.txt"));
  if (base === undefined) {
    throw new InputError(
      `Cannot use ${name}: expected CUB_200_2011/ with images/, images.txt and ` +
        "train_test_split.txt",
    );
  }
  const list = `${base}/images.txt`;
  const isTrain = new Map(
    (await readWords(`${base}/train_test_split.txt`)).map(([id, flag]) => [id, flag === "1"]),
  );
  const train: NamedImages["images"] = [];
  const val: NamedImages["images"] = [];
  for (const [id, path = ""] of await readWords(list)) {
    const trained = isTrain.get(id);
    if (trained === undefined || !/^[^/.][^/]*\/[^/]+$/.test(path)) {
      const fault = trained === undefined ? "is in no split" : `has the path "${path}"`;
      const detail = `image ${id} ${fault}; it is left out`;
      onDefect({ kind: "faulty list", file: list, detail });
      continue;
    }
    const image = { pictures: [`${base}/images/${path}`], className: path.split("/")[0] };
    (trained ? train : val).push(image);
  }
  const classes = [...train, ...val].map(({ className }) => className);
  return numberClasses(
    { train: { name: list, images: train }, val: { name: list, images: val } },
    { classes, onDefect },
  );
}
