/**
 * Provenance as an indented tree: each stage with what it was made of, its inputs' stages below it.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { flatten } from "../plan/differences.ts";
import { localTime } from "../runs/list_runs.ts";
import { endText } from "../runs/run_text.ts";
import { digestValue } from "../store/digest.ts";
import { count, formatBytes, formatSeconds } from "../ui/format.ts";
import type { InputProvenance, Provenance, ResultProvenance } from "./provenance.ts";

/** How much is shown. */
export interface ProvenanceTextOptions {
  /** Every module with its digest, instead of one digest for all of them. */
  code: boolean;
}

/** Shows where an artifact comes from. A result that is needed twice is told once. */
export function renderProvenance(
  { artifact, results }: Provenance,
  options: ProvenanceTextOptions,
  c: Colors,
): string {
  const told = new Set<string>();

  function tell(key: string): string[] {
    const result = results[key];
    const head = `${c.bold(result.id)} (${result.uses})`;
    if (told.has(key)) return [`${head}  see above`];
    told.add(key);
    return [
      `${head}  ${madeWhen(result)}`,
      ...facts(key, result, options).map(([name, text]) => `  ${c.dim(name.padEnd(9))} ${text}`),
      ...result.inputs.flatMap((input) => [
        `  ${c.dim("from")} ${nameOf(input)}  ${short(input.digest)}`,
        ...(input.madeBy === undefined ? ["no record of what made it is left"] : tell(input.madeBy))
          .map((line) => `    ${line}`),
      ]),
    ];
  }

  return [`${artifact.output}  ${artifact.digest}`, ...tell(artifact.madeBy)].join("\n") + "\n";
}

function madeWhen({ pipeline, startedAt, seconds }: ResultProvenance): string {
  return `of ${pipeline}, ${localTime(startedAt)}, took ${formatSeconds(seconds)}`;
}

function facts(
  key: string,
  result: ResultProvenance,
  { code }: ProvenanceTextOptions,
): [name: string, text: string][] {
  const { host, outside } = result;
  const values = flatten(result.params);
  const params = Object.entries(values).filter(([name]) => !(name in outside.paths));
  const modules = Object.entries(result.code);
  const packages = Object.keys(result.packages);
  const together = `${short(digestValue(result.code))}  ${count(modules.length, "module")}`;
  const codeLines = code
    ? modules.map(([id, digest]): [string, string] => ["code", `${short(digest)}  ${id}`])
    : [["code", together] satisfies [string, string]];
  const shown: [string, string][] = [
    ["key", short(key)],
    ...params.map((
      [name, value],
    ): [string, string] => ["param", `${name} ${JSON.stringify(value)}${notRead(name, result)}`]),
    ...Object.entries(outside.paths).map(([name, path]): [string, string] => {
      const digest = values[name]; // undefined inside a list
      const content = typeof digest === "string" ? `  ${short(digest)}` : "";
      return ["outside", `${name} ${path}${content}`];
    }),
    ...outside.hosts.map((host): [string, string] => ["outside", `talked to ${host}`]),
    ...codeLines,
    ["packages", packages.join(", ")],
    ["runtime", runtimeText(result.runtime)],
    ["host", `${host.name}, ${host.cpu}, ${host.os}`],
    ["memory", result.peakMemory === undefined ? "" : formatBytes(result.peakMemory)],
    ...(result.failures ?? []).map((failed): [string, string] => [
      "failed",
      `attempt ${failed.attempt}: ${endText(failed)}: ${failed.message.split("\n")[0]}`,
    ]),
    ["verified", Object.keys(result.verified).join(", ")],
  ];
  return shown.filter(([, text]) => text !== "");
}

/** That a param had another value when the stage was run, which made no difference. */
function notRead(name: string, { params, ranAs }: ResultProvenance): string {
  if (ranAs === undefined) return "";
  const [before, now] = [ranAs.params, params].map((all) => JSON.stringify(flatten(all)[name]));
  if (before === now) return "";
  return `  (not read; it was run ${before === undefined ? "without it" : `with ${before}`})`;
}

function runtimeText({ backend, version, ...rest }: Record<string, string>): string {
  if (backend === undefined) return "";
  return [`${backend} ${version}`, ...Object.entries(rest).map((pair) => pair.join(" "))].join(
    ", ",
  );
}

function nameOf({ name, of }: InputProvenance): string {
  return of === undefined ? name : `${name}, ${of}`;
}

/** Enough of a digest to name it by. */
function short(digest: string): string {
  return digest.slice(0, 12);
}
