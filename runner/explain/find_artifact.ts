/**
 * Stored folders by the names that people give them: a digest, a path, `RUN:STAGE.OUTPUT`, a tag.
 *
 * @module
 */
import { resolve } from "node:path";
import { UserError } from "../diagnostic.ts";
import { didYouMean } from "../nearest.ts";
import type { ActionRecord } from "../plan/record.ts";
import type { RunRecord } from "../runs/run_record.ts";
import { selectRun } from "../runs/select_run.ts";
import type { Store } from "../store/store.ts";
import { readTag, tagNames } from "../store/tags.ts";
import { listed } from "../ui/format.ts";
import type { EarlierRecords } from "./earlier_records.ts";

/** A stored folder and the result that has it. */
export interface Artifact {
  record: ActionRecord;
  output: string;
  /** Keys of the run that was asked about; what it used goes before its equals. */
  preferred: ReadonlySet<string>;
}

/** `FILE:STAGE.OUTPUT` or `RUN:STAGE.OUTPUT`, taken apart. */
export interface ArtifactName {
  /** A pipeline file or a run. */
  of: string;
  isFile: boolean;
  /** `STAGE.OUTPUT`, or `STAGE` for one that has only one output. */
  port: string;
}

/** What may be asked for, said to whoever asked for something else. */
const EXPECTED = [
  "expected one of",
  "  RUN:STAGE.OUTPUT   such as last:compare.comparison",
  "  FILE:STAGE.OUTPUT  such as pipelines/det_coco.yaml:compare.comparison",
  "  a path below the store's trees/, or the digest of a folder, or its beginning",
  "  a tag or a run alone, for what the run ends with",
];

/** Takes a name with a colon apart; undefined if it has none. */
export function readArtifactName(text: string): ArtifactName | undefined {
  const match = /^(.+):([^:]+)$/.exec(text);
  if (!match) return undefined;
  const [, of, port] = match;
  return { of, isFile: /\.ya?ml$/.test(of), port };
}

/** Finds an output of a run. @throws {UserError} if there is none, or it is gone */
export function findInRun(
  store: Store,
  { of, port }: Pick<ArtifactName, "of" | "port">,
): Artifact {
  const run = selectRun(store, of);
  const stages = run.stages.flatMap((stage) =>
    [stage.id, ...stage.aliases].map((id) => ({ id, outputs: stage.outputs, key: stage.key }))
  );
  const { key, output } = findPort(stages, port, `run ${run.id}`);
  const record = store.peekRecord(key ?? "");
  if (record === undefined) {
    throw new UserError({
      message: `the record of ${port} of run ${run.id} is gone from the store`,
      notes: [`deno task run ${run.file} makes it again`],
    });
  }
  const preferred = new Set(run.stages.flatMap(({ key }) => key ?? []));
  return { record, output, preferred };
}

/**
 * Finds what a tag names: a result, or the end of a run.
 *
 * @returns undefined if there is no such tag
 * @throws {UserError} if what it names is gone
 */
export function findTagged(store: Store, name: string): Artifact | undefined {
  const tag = readTag(store.folder, name);
  if (tag === undefined) return undefined;
  if ("run" in tag.names) return findEnd(store, tag.names.run, name);
  const { key, output } = tag.names;
  const record = store.peekRecord(key);
  if (record) return { record, output, preferred: new Set(tag.keys) };
  throw new UserError(`the result that the tag "${name}" names is gone from the store`);
}

/**
 * Finds what a run has made for nobody but the person: the output that no other stage of it reads.
 *
 * @param run as {@link selectRun} takes it
 * @param name what the person called it
 * @throws {UserError} if there are several
 */
export function findEnd(store: Store, run: string, name: string): Artifact {
  const ends = endsOf(store, selectRun(store, run));
  if (ends.length === 1) return findInRun(store, { of: run, port: ends[0] });
  throw new UserError({
    message: ends.length === 0
      ? `run "${name}" has no result in the store`
      : `run "${name}" ends with ${ends.length} outputs; which is meant?`,
    notes: ends.map((port) => `${name}:${port}`),
  });
}

function endsOf(store: Store, { stages }: RunRecord): string[] {
  // Backwards: a stage reads what stands before it, and may make the same bytes as one of those.
  const read = new Set<string>();
  const ends: string[] = [];
  for (const { id, key, outputs } of stages.toReversed()) {
    for (const [name, tree] of Object.entries(outputs)) {
      if (!read.has(tree)) ends.unshift(`${id}.${name}`);
    }
    for (const input of Object.values(store.peekRecord(key ?? "")?.material.inputs ?? {})) {
      for (const tree of typeof input === "string" ? [input] : Object.values(input)) read.add(tree);
    }
  }
  return ends;
}

/** An output of a stage by `STAGE.OUTPUT`. */
export function findPort<S extends { id: string; outputs: Record<string, string> }>(
  stages: S[],
  port: string,
  owner: string,
): S & { output: string } {
  const ports = new Map<string, S & { output: string }>();
  for (const stage of stages) {
    const names = Object.keys(stage.outputs);
    for (const output of names) ports.set(`${stage.id}.${output}`, { ...stage, output });
    if (names.length === 1) ports.set(stage.id, { ...stage, output: names[0] });
  }
  const found = ports.get(port);
  if (found) return found;
  const hint = didYouMean(port, ports.keys());
  const unmade = stages.find(({ id }) => port === id || port.startsWith(`${id}.`));
  const outputs = Object.keys(unmade?.outputs ?? {});
  throw new UserError({
    message: unmade && outputs.length === 0
      ? `${owner} has no result of stage "${unmade.id}"`
      : `${owner} has no output "${port}"`,
    ...(hint === undefined ? {} : { hint }),
    notes: [
      unmade && outputs.length > 0
        ? `stage "${unmade.id}" has: ${outputs.join(", ")}`
        : `outputs: ${listed([...ports.keys()].filter((name) => name.includes(".")))}`,
    ],
  });
}

/**
 * Finds a folder by its digest, the beginning of that, or a path in or below it.
 *
 * @throws {UserError} if no record of it is left, or several fit
 */
export function findInStore(store: Store, records: EarlierRecords, text: string): Artifact {
  const digest = digestOfPath(store, text) ?? text;
  const fitting = new Map<string, Artifact>();
  for (const record of /^[0-9a-f]{4,64}$/.test(digest) ? records.all : []) {
    for (const [output, tree] of Object.entries(record.outputs)) {
      if (tree.startsWith(digest)) fitting.set(tree, { record, output, preferred: new Set() });
    }
  }
  if (fitting.size > 1) {
    throw new UserError({
      message: `"${text}" is the beginning of ${fitting.size} digests`,
      notes: [...fitting].slice(0, 5).map(([tree, { record, output }]) =>
        `${tree}  ${record.madeBy.id}.${output} of ${record.madeBy.pipeline}`
      ),
    });
  }
  const [artifact] = fitting.values();
  if (artifact) return artifact;
  const hint = didYouMean(text, ["last", ...tagNames(store.folder)]);
  throw new UserError({
    message: `there is no stored folder "${text}"`,
    ...(hint === undefined ? {} : { hint }),
    notes: EXPECTED,
  });
}

/** The digest in a path such as `.store/trees/DIGEST/report.html`. */
function digestOfPath(store: Store, text: string): string | undefined {
  const trees = `${store.folder}/trees/`;
  const path = realPath(resolve(text));
  return path.startsWith(trees) ? path.slice(trees.length).split("/")[0] : undefined;
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path; // it need not be there any more
  }
}
