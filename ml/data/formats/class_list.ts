/**
 * Which class a mask's value stands for: from lists of names that lie beside the masks, or as told.
 *
 * @module
 */
import { InputError } from "../../image/input_error.ts";
import { VOID } from "../segmentation_dataset.ts";
import { namesIn } from "./folders.ts";
import { readLines } from "./lists.ts";
import type { ClassValues } from "./mask_source.ts";

/** A value of masks and its name. */
export interface NamedValue {
  value: number;
  name: string;
}

/** Names that mean: does not count. */
const VOID_NAMES = ["void", "unlabelled", "unlabeled", "ignore"];

/**
 * The list of classes in a folder: the file with "classes" in its name.
 *
 * A line is a name, or a number and a name, with numbers behind them that nobody looks at: colours,
 * or the numbers of other lists. Lines without a number count from 0. If nothing is said of 0, it is
 * the background.
 *
 * @throws {InputError} if there are several such files, or none
 */
export async function readClassList(folder: string): Promise<NamedValue[]> {
  const files = (await namesIn(folder)).filter((name) => /classes.*\.(txt|csv)$/i.test(name));
  if (files.length !== 1) {
    const found = files.length === 0 ? "it has none" : `it has ${files.join(" and ")}`;
    throw new InputError(
      `Cannot use ${folder}: expected one file that lists the classes, e.g. classes.txt, ` +
        `but ${found}; name the classes with "classes"`,
    );
  }
  const file = `${folder}/${files[0]}`;
  const named = (await readLines(file)).map((line, i) => {
    const [, value, name] = line.match(/^(?:(\d+)[\s,;:]+)?(.+?)(?:[\s,;]+\d.*)?$/) ?? [];
    return { value: checkValue(value === undefined ? i : Number(value), file), name };
  });
  return named.some(({ value }) => value === 0)
    ? named
    : [{ value: 0, name: "background" }, ...named];
}

/**
 * The classes that a person has named.
 *
 * @param values what they are in masks; 0, 1, 2, … unless given
 * @throws {InputError} if there are more of the ones than of the others
 */
export function givenClasses(
  classes: readonly string[],
  values: readonly number[] = classes.map((_, i) => i),
): NamedValue[] {
  if (values.length === classes.length) {
    return classes.map((name, i) => ({ value: values[i], name }));
  }
  throw new InputError(
    `Cannot pair ${classes.length} classes with ${values.length} values: ` +
      'expected one of "values" for each of "classes"',
  );
}

/**
 * Classes out of what values stand for, in the order of the values' names; 255 never counts.
 *
 * @param isVoid values that do not count; undefined: those named void, unlabelled or ignore
 * @throws {InputError} if one value has two names, or none is left
 */
export function classValues(
  named: readonly NamedValue[],
  isVoid: readonly number[] | undefined,
): ClassValues {
  const indexOf = new Map<number, number>([
    [VOID, VOID],
    ...named.map((
      { value },
    ): [number, number] => [value, VOID]),
  ]);
  for (const value of isVoid ?? []) indexOf.set(value, VOID);
  const names: string[] = [];
  const nameOf = new Map<number, string>();
  for (const { value, name } of named) {
    const other = nameOf.get(value);
    if (other !== undefined) {
      throw new InputError(`Cannot use the classes: ${value} is both "${other}" and "${name}"`);
    }
    nameOf.set(value, name);
    const counts = !(isVoid?.includes(value) ?? VOID_NAMES.includes(name.toLowerCase()));
    if (counts && value !== VOID) indexOf.set(value, names.push(name) - 1);
  }
  if (names.length > 0) return { names, indexOf };
  throw new InputError("Cannot use the classes: none of them counts");
}

function checkValue(value: number, file: string): number {
  if (value <= VOID) return value;
  throw new InputError(`Cannot use ${file}: ${value} is no value of a mask; expected 0 … 255`);
}
