/**
 * What an export of provenance tells: results, what they were made of, and which of them are meant.
 *
 * @module
 */
import { canonicalJson, digestValue } from "../store/digest.ts";
import { flatten, splitPackage } from "../plan/differences.ts";
import type { ActionRecord } from "../plan/record.ts";
import type { RunRecord, RunStage } from "../runs/run_record.ts";

/** A folder that is meant, not only one on the way to it. */
export interface FinalOutput {
  /** `STAGE.OUTPUT`. */
  name: string;
  digest: string;
}

/** Everything that is exported. */
export interface Exported {
  /** E.g. `Run 20261126-201530-k3f9 of det_coco`. */
  title: string;
  description: string;
  /** Names it uniquely: a run's id, a folder's digest. */
  identifier: string;
  /** The results that led to it and its own, in the order in which they were made. */
  records: ActionRecord[];
  finals: FinalOutput[];
  /** Of the run that is exported. */
  run?: Pick<RunRecord, "id" | "endedAt" | "deno">;
  /** Its stages that have failed. */
  failed: RunStage[];
}

/** Something that a stage was given: a parameter with its value as a text or number. */
export interface Given {
  name: string;
  value: string | number | boolean;
  /** Digest of what lay there, of a path outside the store. */
  digest?: string;
}

/** Parameters by dotted names; lists as JSON. */
export function givenTo({ material, outside }: ActionRecord): Given[] {
  return Object.entries(flatten(material.params)).map(([name, value]) => {
    const path = outside?.paths[name];
    if (path !== undefined && typeof value === "string") {
      return { name, value: path, digest: value };
    }
    return { name, value: isPlain(value) ? value : canonicalJson(value) };
  });
}

function isPlain(value: unknown): value is Given["value"] {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** Folders that a stage read: input, with the name of one of many behind a dot, and digest. */
export function readBy({ material }: ActionRecord): { name: string; digest: string }[] {
  return Object.entries(material.inputs).flatMap(([name, value]) =>
    typeof value === "string"
      ? [{ name, digest: value }]
      : Object.entries(value).map(([of, digest]) => ({ name: `${name}.${of}`, digest }))
  );
}

/** The code that a stage is, apart from the packages: its file, and one digest of all its modules. */
export function codeOf({ material }: ActionRecord): { file: string; digest: string } {
  const modules = Object.entries(material.code).filter(([id]) => !id.startsWith("npm:"));
  return {
    file: `stages/${material.stage.name}.ts`,
    digest: digestValue(Object.fromEntries(modules)),
  };
}

/** Packages that a stage reached, each once. */
export function packagesOf({ material }: ActionRecord): { name: string; version: string }[] {
  const packages = Object.keys(material.code).filter((id) => id.startsWith("npm:"))
    .map(splitPackage);
  return [...new Map(packages.map((each) => [`${each.name}@${each.version}`, each])).values()];
}

/** When a stage ended, UTC. */
export function endOf({ startedAt, seconds }: ActionRecord): Date {
  return new Date(Date.parse(startedAt) + seconds * 1000);
}
