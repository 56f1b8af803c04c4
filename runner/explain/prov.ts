/**
 * Provenance as W3C PROV, in its form as JSON (https://www.w3.org/submissions/prov-json/): folders
 * and code are entities, stages that were run are activities, machines are agents.
 *
 * @module
 */
import type { ActionRecord } from "../plan/record.ts";
import { codeOf, endOf, type Exported, givenTo, packagesOf, readBy } from "./exported.ts";

/** Attributes of one thing or relation; typed values are objects. */
export type ProvAttributes = Record<string, unknown>;

/** A document: what there is, and how it is related. */
export interface ProvDocument {
  prefix: Record<string, string>;
  entity: Record<string, ProvAttributes>;
  activity: Record<string, ProvAttributes>;
  agent: Record<string, ProvAttributes>;
  used: Record<string, ProvAttributes>;
  wasGeneratedBy: Record<string, ProvAttributes>;
  wasAssociatedWith: Record<string, ProvAttributes>;
  hadMember: Record<string, ProvAttributes>;
}

/** Things have names of their own, which no server gives out. */
const PREFIX = {
  folder: "urn:sr4ir:folder:",
  code: "urn:sr4ir:code:",
  action: "urn:sr4ir:action:",
  failed: "urn:sr4ir:failed:",
  host: "urn:sr4ir:host:",
  param: "urn:sr4ir:param:",
  metric: "urn:sr4ir:metric:",
  sr4ir: "urn:sr4ir:",
};

/** Makes the document. */
export function provDocument(
  { title, identifier, records, finals, failed }: Exported,
): ProvDocument {
  const document: ProvDocument = {
    prefix: PREFIX,
    entity: {},
    activity: {},
    agent: {},
    used: {},
    wasGeneratedBy: {},
    wasAssociatedWith: {},
    hadMember: {},
  };
  const made = new Set<string>();
  for (const record of records) addRecord(document, record, made);
  for (const { id, reason, key } of failed) {
    document.activity[`failed:${localName(id)}`] = {
      "prov:label": id,
      "sr4ir:error": reason,
      ...(key !== null && { "sr4ir:key": key }),
    };
  }
  const collection = `sr4ir:${localName(identifier)}`;
  document.entity[collection] = {
    "prov:label": title,
    "prov:type": qualified("prov:Collection"),
  };
  for (const { digest } of finals) {
    document.hadMember[`_:member-${digest}`] = {
      "prov:collection": collection,
      "prov:entity": `folder:${digest}`,
    };
  }
  return document;
}

/** @param made digests of the folders that have come to be */
function addRecord(document: ProvDocument, record: ActionRecord, made: Set<string>): void {
  const { key, madeBy, startedAt, host, metrics, material, peakMemory } = record;
  const activity = `action:${key}`;
  const code = addCode(document, record);
  const agent = `host:${localName(host.name)}`;
  document.agent[agent] = {
    "prov:label": host.name,
    "prov:type": qualified("prov:SoftwareAgent"),
    "sr4ir:cpu": host.cpu,
    "sr4ir:os": host.os,
  };
  document.activity[activity] = {
    "prov:label": `${madeBy.id} of ${madeBy.pipeline}`,
    "prov:startTime": startedAt,
    "prov:endTime": endOf(record).toISOString(),
    ...named("param", givenTo(record).map(({ name, value }) => [name, value])),
    ...named("metric", Object.entries(metrics).filter(([, value]) => value !== null)),
    ...named("sr4ir", Object.entries(material.runtime)),
    ...(peakMemory !== undefined && { "sr4ir:peakMemory": peakMemory }),
  };
  document.wasAssociatedWith[`_:by-${key}`] = {
    "prov:activity": activity,
    "prov:agent": agent,
    "prov:plan": code,
  };
  document.used[`_:code-${key}`] = {
    "prov:activity": activity,
    "prov:entity": code,
    "prov:role": "code",
  };
  for (const { name, digest } of readBy(record)) {
    document.entity[`folder:${digest}`] ??= { "prov:label": name };
    document.used[`_:used-${key}-${localName(name)}`] = {
      "prov:activity": activity,
      "prov:entity": `folder:${digest}`,
      "prov:role": name,
    };
  }
  for (const [name, digest] of Object.entries(record.outputs)) {
    document.entity[`folder:${digest}`] = { "prov:label": `${madeBy.id}.${name}` };
    // A folder comes to be once, even if two stages have made the same bytes.
    if (made.has(digest)) continue;
    made.add(digest);
    document.wasGeneratedBy[`_:made-${key}-${localName(name)}`] = {
      "prov:entity": `folder:${digest}`,
      "prov:activity": activity,
      "prov:time": endOf(record).toISOString(),
      "prov:role": name,
    };
  }
}

function addCode(document: ProvDocument, record: ActionRecord): string {
  const { file, digest } = codeOf(record);
  document.entity[`code:${digest}`] = {
    "prov:label": file,
    "prov:type": qualified("prov:Plan"),
    "sr4ir:version": record.material.stage.version,
    "sr4ir:packages": packagesOf(record).map(({ name, version }) => `${name}@${version}`).join(" "),
  };
  return `code:${digest}`;
}

function named(prefix: string, values: [string, unknown][]): ProvAttributes {
  return Object.fromEntries(values.map(([name, value]) => [`${prefix}:${localName(name)}`, value]));
}

/** What may stand behind a prefix. */
function localName(name: string): string {
  return name.replace(/[^\w.-]/g, (char) => encodeURIComponent(char));
}

function qualified(name: string): { $: string; type: string } {
  return { $: name, type: "prov:QUALIFIED_NAME" };
}
