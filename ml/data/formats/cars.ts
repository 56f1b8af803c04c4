/**
 * Stanford Cars: as its makers publish it, with tables from MATLAB, or sorted into class folders.
 *
 * @module
 */
import { dirname } from "node:path/posix";
import { InputError } from "../../image/input_error.ts";
import { type MatValue, readMat } from "../matlab.ts";
import { findFolder, readClassFolders } from "./class_folder.ts";
import { type ClassSplits, type NamedImages, numberClasses } from "./class_source.ts";
import { exists, findBelow } from "./folders.ts";
import type { OnDefect } from "./source.ts";

const META = "cars_meta.mat";
const TRAIN = "cars_train_annos.mat";
const TEST = ["cars_test_annos_withlabels.mat", "cars_test_annos.mat"];

/** How deep in a folder the dataset may lie: archives put it in folders of folders. */
const DEPTH = 3;

/**
 * Reads both splits. In either form classes are numbered in the order of their names.
 *
 * @param name how messages call what the folder came from
 * @throws {InputError} if the folder holds neither form, or a table is missing or of no use
 */
export async function readCars(
  folder: string,
  { name, onDefect }: { name: string; onDefect: OnDefect },
): Promise<ClassSplits> {
  const devkit = await findBelow(folder, DEPTH, (names) => names.includes(META));
  if (devkit !== undefined) return await readTables(folder, devkit, onDefect);
  const sorted = await findBelow(
    folder,
    DEPTH,
    (names) => names.includes("train") && names.some((name) => name === "test" || name === "val"),
  );
  if (sorted !== undefined) {
    const train = await findFolder(sorted, "train", undefined);
    const val = await findFolder(sorted, "val", undefined);
    return await readClassFolders(train, val, { onDefect });
  }
  throw new InputError(
    `Cannot use ${name}: expected train/ and test/ with a folder for each class, ` +
      `or cars_train/, cars_test/ and devkit/${META}`,
  );
}

async function readTables(folder: string, devkit: string, onDefect: OnDefect) {
  const meta = await readTable(`${devkit}/${META}`, "class_names");
  const classes = meta.kind === "cells" ? meta.cells.map(textOf) : [];
  if (classes.length === 0) throw new InputError(`Cannot use ${devkit}/${META}: it has no classes`);
  const test = await firstTest(devkit);
  const splits = {
    train: await readSplit(
      `${devkit}/${TRAIN}`,
      await pictureFolders(folder, "cars_train"),
      classes,
    ),
    val: await readSplit(test, await pictureFolders(folder, "cars_test"), classes),
  };
  return numberClasses(splits, { classes, onDefect });
}

/** The pictures that a table names, with their classes, which count from 1. */
async function readSplit(
  file: string,
  folders: string[],
  classes: readonly string[],
): Promise<NamedImages> {
  const table = await readTable(file, "annotations");
  const rows = table.kind === "structs" ? table.structs : [];
  const images = rows.map((row, i) => {
    const name = textOf(row["fname"]);
    const number = numberOf(row["class"]);
    if (number === undefined) {
      throw new InputError(
        `Cannot use ${file}: it does not say which class ${name} is of; ` +
          `the classes of the test pictures are in ${TEST[0]}, put it beside the others`,
      );
    }
    const className = classes[number - 1];
    if (className === undefined || !/^[\w.-]+$/.test(name)) {
      throw new InputError(
        `Cannot use ${file}: row ${i + 1} says class ${number} of picture "${name}"; ` +
          `expected a class from 1 to ${classes.length} and a file name`,
      );
    }
    return { pictures: folders.map((folder) => `${folder}/${name}`), className };
  });
  return { name: file, images };
}

async function readTable(file: string, variable: string): Promise<MatValue> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new InputError(`Cannot read ${file}: no such file`, { cause });
  }
  const value = readMat(bytes, file).get(variable);
  if (value !== undefined) return value;
  throw new InputError(`Cannot use ${file}: expected a variable "${variable}" in it`);
}

/** The table of the test pictures, the one with classes if it is there; it may lie one level up. */
async function firstTest(devkit: string): Promise<string> {
  for (const name of TEST) {
    for (const folder of [devkit, dirname(devkit)]) {
      if (await exists(`${folder}/${name}`)) return `${folder}/${name}`;
    }
  }
  return `${devkit}/${TEST[0]}`;
}

/** Some archives have `cars_train/cars_train/`. */
async function pictureFolders(folder: string, name: string): Promise<string[]> {
  const above = await findBelow(folder, DEPTH, (names) => names.includes(name)) ?? folder;
  return [`${above}/${name}`, `${above}/${name}/${name}`];
}

function textOf(value: MatValue | undefined): string {
  return value?.kind === "text" ? value.text : "";
}

function numberOf(value: MatValue | undefined): number | undefined {
  return value?.kind === "numbers" ? value.values[0] : undefined;
}
