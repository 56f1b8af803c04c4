/**
 * Provenance as an RO-Crate: the metadata file of a folder that other programs and archives read.
 *
 * RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) after the profile Process Run Crate 0.5
 * (https://w3id.org/ro/wfrun/process/0.5): each stage that was run is a CreateAction, whose
 * instrument is the stage's code, whose objects are the folders it read and its parameters, and whose
 * results are the folders and numbers it made.
 *
 * @module
 */
import type { ActionRecord, FailedAttempt } from "../plan/record.ts";
import type { RunStage } from "../runs/run_record.ts";
import type { Tree } from "../store/tree.ts";
import {
  codeOf,
  endOf,
  type Exported,
  type FinalOutput,
  givenTo,
  packagesOf,
  readBy,
} from "./exported.ts";

/** One node of the graph. */
export interface Entity {
  "@id": string;
  "@type": string | string[];
  [property: string]: unknown;
}

/** The content of `ro-crate-metadata.json`. */
export interface RoCrate {
  "@context": unknown[];
  "@graph": Entity[];
}

/** Name of the metadata file, as the standard wants it. */
export const METADATA_FILE = "ro-crate-metadata.json";

const CRATE = "https://w3id.org/ro/crate/1.1";
const PROFILE = "https://w3id.org/ro/wfrun/process/0.5";
const TERMS = "https://w3id.org/ro/terms/workflow-run#";
const COMPLETED = "http://schema.org/CompletedActionStatus";
const FAILED = "http://schema.org/FailedActionStatus";

/** Folders of the final outputs that lie in the crate: digest → path in it, and its files. */
export type Enclosed = ReadonlyMap<string, { path: string; tree: Tree }>;

/** Folder in a crate where a final output lies. */
export function folderFor({ name }: FinalOutput): string {
  return `outputs/${name.replaceAll("/", "-")}/`;
}

/** Makes the metadata. @param enclosed empty if there is nothing but the metadata */
export function roCrate(exported: Exported, enclosed: Enclosed = new Map()): RoCrate {
  const graph = new Graph();
  const { records, failed, run } = exported;
  const places = new Map([...enclosed].map(([digest, { path }]) => [digest, idOfPath(path)]));
  const idOf = (digest: string) => places.get(digest) ?? `#folder-${digest}`;
  const actions = [
    ...records.map((record) => addAction(graph, record, idOf)),
    ...failed.map((stage) => addFailed(graph, stage, run?.endedAt)),
  ];
  for (const [digest, { path, tree }] of enclosed) addEnclosed(graph, digest, path, tree);
  const software = run && addSoftware(graph, "generic/deno", "Deno", run.deno);
  return {
    "@context": [`${CRATE}/context`, {
      environment: `${TERMS}environment`,
      resourceUsage: `${TERMS}resourceUsage`,
      sha256: `${TERMS}sha256`,
    }],
    "@graph": [
      {
        "@id": METADATA_FILE,
        "@type": "CreativeWork",
        about: { "@id": "./" },
        conformsTo: { "@id": CRATE },
      },
      {
        "@id": "./",
        "@type": "Dataset",
        name: exported.title,
        description: exported.description,
        identifier: exported.identifier,
        datePublished: time(lastEnd(exported)).slice(0, 10),
        license: "Not stated: ask whoever made the data",
        conformsTo: { "@id": PROFILE },
        ...links("hasPart", [...places.values()]),
        ...links("mentions", actions),
        ...links("about", exported.finals.map(({ digest }) => idOf(digest))),
        ...(software && { softwareRequirements: reference(software) }),
      },
      {
        "@id": PROFILE,
        "@type": "CreativeWork",
        name: "Process Run Crate",
        version: "0.5",
      },
      ...graph.entities(),
    ],
  };
}

/** Entities by their ids; what is told twice is there once. */
class Graph {
  readonly #entities = new Map<string, Entity>();

  /** @returns its id */
  add(entity: Entity): string {
    const id = entity["@id"];
    if (!this.#entities.has(id)) this.#entities.set(id, entity);
    return id;
  }

  entities(): Entity[] {
    return [...this.#entities.values()];
  }
}

function reference(id: string): { "@id": string } {
  return { "@id": id };
}

/** One as itself, several as a list, none as nothing: so the standard wants it. */
function links(property: string, ids: string[]): Record<string, unknown> {
  const references = [...new Set(ids)].map(reference);
  if (references.length === 0) return {};
  return { [property]: references.length === 1 ? references[0] : references };
}

function addAction(graph: Graph, record: ActionRecord, idOf: (digest: string) => string): string {
  const { key, madeBy, startedAt, host, peakMemory, material } = record;
  const value = (kind: string, name: string, more: Record<string, unknown>) =>
    graph.add({
      "@id": `#${kind}-${key}-${encodeURIComponent(name)}`,
      "@type": "PropertyValue",
      name,
      ...more,
    });
  const folder = (name: string, digest: string) =>
    graph.add({
      "@id": idOf(digest),
      "@type": "CreativeWork",
      name,
      description: "A folder, kept by content: its identifier is the SHA-256 of its list of files",
      identifier: digest,
    });
  const inputs = readBy(record).map(({ name, digest }) => folder(name, digest));
  const params = givenTo(record).map(({ name, value: text, digest }) =>
    value("param", name, { value: text, ...(digest !== undefined && { identifier: digest }) })
  );
  const hosts = (record.outside?.hosts ?? []).map((name) =>
    value("network", name, { value: name, description: "A host that it might talk to" })
  );
  const outputs = Object.entries(record.outputs).map(([name, digest]) =>
    folder(`${madeBy.id}.${name}`, digest)
  );
  const metrics = Object.entries(record.metrics).flatMap(([name, number]) =>
    number === null ? [] : [value("metric", name, { value: number })]
  );
  const runtime = Object.entries(material.runtime).map(([name, text]) =>
    value("runtime", name, { value: text })
  );
  const memory = peakMemory === undefined ? [] : [value("usage", "peakMemory", {
    propertyID: "peakMemory",
    value: peakMemory,
    unitText: "bytes",
  })];
  return graph.add({
    "@id": `#action-${key}`,
    "@type": "CreateAction",
    name: `${madeBy.id} of ${madeBy.pipeline}`,
    description: `Run on ${host.name}: ${host.cpu}, ${host.os}`,
    identifier: key,
    instrument: reference(addCode(graph, record)),
    startTime: time(new Date(startedAt)),
    endTime: time(endOf(record)),
    actionStatus: COMPLETED,
    ...links("object", [...inputs, ...params, ...hosts]),
    ...links("result", [...outputs, ...metrics]),
    ...links("environment", runtime),
    ...links("resourceUsage", memory),
  });
}

function addCode(graph: Graph, record: ActionRecord): string {
  const { file, digest } = codeOf(record);
  const needs = packagesOf(record).map(({ name, version }) =>
    addSoftware(graph, `npm/${name.replace("@", "%40")}`, name, version)
  );
  const { backend, version } = record.material.runtime;
  if (backend !== undefined) needs.push(addSoftware(graph, `generic/${backend}`, backend, version));
  return graph.add({
    "@id": `#code-${digest}`,
    "@type": "SoftwareSourceCode",
    name: file,
    version: String(record.material.stage.version),
    description: "A stage and all modules that it reaches: its identifier is the digest of theirs",
    identifier: digest,
    programmingLanguage: "TypeScript",
    ...links("softwareRequirements", needs),
  });
}

/** By its package URL, which names no server. */
function addSoftware(graph: Graph, path: string, name: string, version: string): string {
  return graph.add({
    "@id": `pkg:${path}@${encodeURIComponent(version)}`,
    "@type": "SoftwareApplication",
    name,
    softwareVersion: version,
  });
}

function addFailed(graph: Graph, stage: RunStage, endedAt: string | undefined): string {
  const { id, uses, key, reason, failures = [] } = stage;
  const code = graph.add({
    "@id": `#stage-${uses}`,
    "@type": "SoftwareSourceCode",
    name: `stages/${uses}.ts`,
    programmingLanguage: "TypeScript",
  });
  return graph.add({
    "@id": `#failed-${encodeURIComponent(id)}`,
    "@type": "CreateAction",
    name: id,
    description: "A stage that has failed",
    ...(key !== null && { identifier: key }),
    instrument: reference(code),
    ...(endedAt !== undefined && { endTime: time(new Date(endedAt)) }),
    actionStatus: FAILED,
    error: [reason, ...failures.map(attemptText)].join("\n"),
  });
}

function attemptText({ attempt, exitCode, signal, kind }: FailedAttempt): string {
  return `attempt ${attempt}: ${
    signal ?? (exitCode === undefined ? kind : `exit code ${exitCode}`)
  }`;
}

/** The folder, which the actions name too, becomes one of the crate's own, with its files. */
function addEnclosed(graph: Graph, digest: string, path: string, tree: Tree): void {
  const parts = tree.files.map((file) =>
    graph.add({
      "@id": idOfPath(`${path}${file.path}`),
      "@type": "File",
      name: file.path,
      contentSize: String(file.size),
      sha256: file.digest,
    })
  );
  const entity = graph.entities().find((each) => each["@id"] === idOfPath(path));
  if (entity) Object.assign(entity, { "@type": "Dataset", ...links("hasPart", parts) });
  else throw new RangeError(`Cannot enclose ${digest}: no action has made it`);
}

/** A path in the crate as the relative URI that it is. */
function idOfPath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function lastEnd({ records, run }: Exported): Date {
  const ends = records.map((record) => endOf(record).getTime());
  return new Date(run ? run.endedAt : Math.max(0, ...ends));
}

/** With the offset written out, as the profile shows it. */
function time(date: Date): string {
  return date.toISOString().replace("Z", "+00:00");
}
