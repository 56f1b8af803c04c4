/**
 * Where a stored folder comes from: the stage that made it with all that its key was made of, the
 * stages that made its inputs, and so on down to what came from outside.
 *
 * The JSON form is described in docs/runner.md; whoever changes it gives it another `format`.
 *
 * @module
 */
import { splitPackage } from "../plan/differences.ts";
import { usageOf } from "../execute/usage.ts";
import type { ActionRecord, FailedAttempt } from "../plan/record.ts";
import type { EarlierRecords } from "./earlier_records.ts";

/** A stored folder and all that led to it. */
export interface Provenance {
  format: 1;
  artifact: {
    digest: string;
    /** Name of the output that it is. */
    output: string;
    /** Key of the result in {@link Provenance.results}. */
    madeBy: string;
  };
  /** Every result that it was made from, by key; what made the artifact comes first. */
  results: Record<string, ResultProvenance>;
}

/** One result of one stage. */
export interface ResultProvenance {
  pipeline: string;
  id: string;
  uses: string;
  /** The version that the stage declared. */
  version: number;
  /** With defaults; those that name outside paths hold digests. */
  params: Record<string, unknown>;
  /** How it was run, if that was with other params of which it has read the same. */
  ranAs?: NonNullable<ActionRecord["ranAs"]>;
  /** Module → digest. */
  code: Record<string, string>;
  /** `name@version` → digest of it and of all that it needs. */
  packages: Record<string, string>;
  /** Backend, its version, threads; empty for stages that do not compute. */
  runtime: Record<string, string>;
  /** What came from outside the store: by param the path at that time, and hosts. */
  outside: { paths: Record<string, string>; hosts: string[] };
  host: ActionRecord["host"];
  /** What running it again has found out, and when. */
  verified: NonNullable<ActionRecord["verified"]>;
  /** UTC, ISO 8601. */
  startedAt: string;
  seconds: number;
  /** The most memory that it had while it ran, in bytes; absent if nobody knows. */
  peakMemory?: number;
  /** Attempts that failed before the one that made it; absent if none has. */
  failures?: FailedAttempt[];
  inputs: InputProvenance[];
  /** Output → digest of its folder. */
  outputs: Record<string, string>;
}

/** One folder that a stage has read. */
export interface InputProvenance {
  name: string;
  /** Which of an input of many. */
  of?: string;
  digest: string;
  /** Key of the result that made it; absent if no record of that is left. */
  madeBy?: string;
}

/**
 * Follows a folder back to its origins.
 *
 * Several results may have made the same bytes. Of these, one of `preferred` is taken; else the
 * newest of the same pipeline before the stage that read it began; else the newest.
 *
 * @param made what made it
 * @param preferred keys of the run that is asked about
 */
export function traceProvenance(
  made: { record: ActionRecord; output: string },
  records: Pick<EarlierRecords, "makersOf">,
  preferred: ReadonlySet<string> = new Set(),
): Provenance {
  const digest = made.record.outputs[made.output];
  return {
    format: 1,
    artifact: { digest, output: made.output, madeBy: made.record.key },
    results: traceResults([made.record], records, preferred),
  };
}

/** The same for several results at once: all that led to them, by key, and they themselves first. */
export function traceResults(
  made: ActionRecord[],
  records: Pick<EarlierRecords, "makersOf">,
  preferred: ReadonlySet<string>,
): Provenance["results"] {
  const results: Provenance["results"] = {};
  const open = [...made];
  for (let record = open.shift(); record !== undefined; record = open.shift()) {
    if (record.key in results) continue;
    const inputs = inputsOf(record).map((input) => {
      const maker = chooseMaker(records.makersOf(input.digest), record, preferred);
      if (maker) open.push(maker);
      return { ...input, ...(maker && { madeBy: maker.key }) };
    });
    results[record.key] = describeResult(record, inputs);
  }
  return results;
}

/** The folders that a result was made from. */
export function inputsOf({ material: { inputs } }: ActionRecord): InputProvenance[] {
  return Object.entries(inputs).flatMap(([name, value]) =>
    typeof value === "string"
      ? [{ name, digest: value }]
      : Object.entries(value).map(([of, digest]) => ({ name, of, digest }))
  );
}

/** Of several results that are a folder, the one that `record` was most likely made from. */
export function chooseMaker(
  makers: ActionRecord[],
  { startedAt, madeBy: { pipeline } }: ActionRecord,
  preferred: ReadonlySet<string>,
): ActionRecord | undefined {
  const earlier = makers.filter((maker) => maker.startedAt <= startedAt);
  return makers.find(({ key }) => preferred.has(key)) ??
    earlier.findLast(({ madeBy }) => madeBy.pipeline === pipeline) ??
    earlier.at(-1) ?? makers.at(-1);
}

function describeResult(record: ActionRecord, inputs: InputProvenance[]): ResultProvenance {
  const { material, madeBy, outside, host, verified = {}, startedAt, seconds, outputs } = record;
  const code = Object.entries(material.code);
  const isPackage = (id: string) => id.startsWith("npm:");
  return {
    pipeline: madeBy.pipeline,
    id: madeBy.id,
    uses: material.stage.name,
    version: material.stage.version,
    params: material.params,
    ...(record.ranAs && { ranAs: record.ranAs }),
    code: Object.fromEntries(code.filter(([id]) => !isPackage(id))),
    packages: Object.fromEntries(
      code.filter(([id]) => isPackage(id)).map(([id, digest]) => {
        const { name, version } = splitPackage(id);
        return [`${name}@${version}`, digest];
      }),
    ),
    runtime: material.runtime,
    outside: outside ?? { paths: {}, hosts: [] },
    host,
    verified,
    startedAt,
    seconds,
    ...usageOf(record),
    inputs,
    outputs,
  };
}
