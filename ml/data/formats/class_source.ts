/**
 * What the readers of foreign classification formats hand over.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import type { Split } from "../import_each.ts";
import type { OnDefect } from "./source.ts";

/** A picture of one class, not opened yet. */
export interface ClassImage {
  /** Paths at which the picture may lie, the likeliest first. */
  pictures: string[];
  /** Index into the classes. */
  label: number;
}

/** One split. */
export interface ClassSource extends Split<ClassImage> {
  /** [K] names by index. */
  classes: string[];
}

/** Both splits; their classes are the same. */
export interface ClassSplits {
  /** To train on. */
  train: ClassSource;
  /** To measure on. */
  val: ClassSource;
}

/** A picture and the name of its class. */
export interface NamedImage {
  pictures: string[];
  className: string;
}

/** Some pictures and where they are listed. */
export interface NamedImages {
  /** The file or folder that lists them, as messages call it. */
  name: string;
  images: NamedImage[];
}

/**
 * Gives classes their numbers: their place in the order of the characters' codes.
 *
 * @param classes all there are; those of the training images unless given
 * @param chosen only these
 * @throws {InputError} if there are none, or one that was chosen is not there
 */
export function numberClasses(
  { train, val }: { train: NamedImages; val: NamedImages },
  { classes, chosen, onDefect }: {
    classes?: readonly string[] | undefined;
    chosen?: readonly string[] | undefined;
    onDefect: OnDefect;
  },
): ClassSplits {
  const known = [...new Set(classes ?? train.images.map(({ className }) => className))].sort();
  const missing = (chosen ?? []).filter((name) => !known.includes(name));
  if (missing.length > 0) {
    throw new InputError(
      `Cannot use ${train.name}: it has no class "${missing.join('", "')}"; ` +
        `expected some of ${known.join(", ")}`,
    );
  }
  const names = chosen === undefined ? known : known.filter((name) => chosen.includes(name));
  const split = ({ name, images }: NamedImages): ClassSource => {
    const kept = images.flatMap(({ pictures, className }): ClassImage[] => {
      const label = names.indexOf(className);
      if (label >= 0) return [{ pictures, label }];
      if (!known.includes(className)) {
        const detail = `its class "${className}" is not among those to train on; it is left out`;
        onDefect({ kind: "unknown class", file: pictures[0], detail });
      }
      return []; // a class that nobody asked for is no defect
    });
    if (kept.length === 0) {
      throw new InputError(`Cannot use ${name}: there is no image of any class in it`);
    }
    return { name, classes: names, images: inTurn(kept) };
  };
  return { train: split(train), val: split(val) };
}

/** The first of each class, then the second of each, …: a limit takes as many of each. */
function inTurn(images: readonly ClassImage[]): ClassImage[] {
  const before = new Map<number, number>();
  const ranked = images.map((image) => {
    const rank = before.get(image.label) ?? 0;
    before.set(image.label, rank + 1);
    return { image, rank };
  });
  return ranked.sort((a, b) => a.rank - b.rank || a.image.label - b.image.label)
    .map(({ image }) => image);
}
