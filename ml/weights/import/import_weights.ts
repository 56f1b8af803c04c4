/**
 * Takes a checkpoint's weights into a network, by name.
 *
 * @module
 */
import type { NamedTensor, Params } from "../../nn/params.ts";
import { InputError } from "../../image/input_error.ts";
import { isFloat } from "../dtypes.ts";
import { findWeights, readFloat32, type WeightTensor } from "../find_weights.ts";
import { openWeights } from "../open_weights.ts";
import type { WeightsFile } from "../stored_tensor.ts";
import { declarations, type Declared } from "./declarations.ts";
import { isOptional } from "./families.ts";
import { classesOf, match, type Pair } from "./match.ts";
import { betterNetwork, checkReport, type ImportReport, reportLines, reportOf } from "./report.ts";

/** What to import, and into what. */
export interface ImportOptions {
  /** Keys that lead to the weights, joined by `/`; by default the only place that can be meant. */
  key: string | null;
  /** A file below `models`, as people write it. */
  network: string;
  /** That file's. */
  build(p: Params, options: Record<string, unknown>): unknown;
  /** The network's, checked. */
  options: Record<string, unknown>;
  /** `file`: as many classes as the file's last layer has, whatever `options.num_classes` says. */
  classes: "options" | "file";
  /** Everything must fit, in both directions. */
  strict: boolean;
  log(line: string): void;
}

/** Weights in this project's names. */
export interface ImportedWeights {
  /** In the network's order, with what it computes itself; without what stays random. */
  tensors: NamedTensor[];
  /** The network's, with the number of classes that was found. */
  options: Record<string, unknown>;
  report: ImportReport;
}

/**
 * Imports a file of any format that {@link openWeights} reads.
 *
 * @param shown what messages call the file
 * @throws {InputError} if it cannot be read, has nothing for the network, or does not fit (`strict`)
 */
export async function importWeights(
  file: string,
  { key, network, build, options: given, classes, strict, log }: ImportOptions,
  shown = file,
): Promise<ImportedWeights> {
  const opened = { ...await openWeights(file), file: shown };
  const tensors = findIn(opened, key);
  let declared: Declared[] = [];
  const matchWith = async (options: Record<string, unknown>) => {
    declared = await declarations((p) => build(p, options));
    return match(tensors, declared);
  };

  let options = given;
  let found = await matchWith(options);
  const { num_classes } = options;
  if (classes === "file" && typeof num_classes === "number") {
    const count = classesOf(found, num_classes);
    if (count !== undefined && Number.isInteger(count) && count > 0) {
      options = { ...options, num_classes: count };
      found = await matchWith(options);
    }
  }
  const report = reportOf(found, await differing(found.fixed));
  const names = tensors.map(({ name }) => name);
  checkReport(report, { file: shown, network, options, names, strict });
  for (const line of reportLines(report, network)) log(line);
  const other = betterNetwork(names, network, options);
  if (other !== undefined) log(`the file's names are those of ${other}`);

  const byName = new Map(
    [...found.matched, ...found.renamed].map(({ tensor, parameter }) => [parameter.name, tensor]),
  );
  const taken: NamedTensor[] = [];
  for (const { name, shape, first } of declared) {
    const tensor = byName.get(name);
    const data = tensor === undefined ? first : await readFloat32(tensor, isOptional(name));
    if (data !== undefined) taken.push({ name, shape, data });
  }
  return { tensors: taken, options, report };
}

/**
 * Takes all floats of a checkpoint under their own names; who reads them looks for what it knows.
 *
 * @throws {InputError} if it cannot be read or has none
 */
export async function importAsNamed(
  file: string,
  { key, log }: Pick<ImportOptions, "key" | "log">,
  shown = file,
): Promise<NamedTensor[]> {
  const found = findIn({ ...await openWeights(file), file: shown }, key);
  const taken: NamedTensor[] = [];
  for (const tensor of found) {
    const { name, shape, dtype } = tensor;
    if (isFloat(dtype)) taken.push({ name, shape, data: await readFloat32(tensor) });
  }
  if (taken.length === 0) {
    throw new InputError(`Cannot import ${shown}: no tensor of it has floats`);
  }
  const count = taken.reduce((sum, { data }) => sum + data.length, 0);
  log(
    `${taken.length} tensors, ${count} numbers` +
      (taken.length < found.length ? `; ${found.length - taken.length} of integers left out` : ""),
  );
  return taken;
}

function findIn(opened: WeightsFile, key: string | null): WeightTensor[] {
  return findWeights(opened, key === null ? {} : { part: key }).tensors;
}

/** Names of the fixed parameters that a file has otherwise. Another size is no other value. */
async function differing(pairs: readonly Pair<WeightTensor>[]): Promise<string[]> {
  const names: string[] = [];
  for (const { tensor, parameter } of pairs) {
    if (tensor.shape.join() !== parameter.shape.join()) continue;
    if (!await hasValues(tensor, parameter)) names.push(parameter.name);
  }
  return names;
}

async function hasValues(tensor: WeightTensor, { first }: Declared): Promise<boolean> {
  const values = await readFloat32(tensor, true);
  return values.every((value, i) => value === first?.[i]);
}
