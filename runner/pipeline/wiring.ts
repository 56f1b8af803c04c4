/**
 * References between stages: `inputs: { images: generated.pool | imported.train }`.
 *
 * @module
 */
import { didYouMean } from "../nearest.ts";
import type { Artifact, StageContract } from "../stage.ts";
import { isMapping } from "./document.ts";
import { either } from "./findings.ts";
import type { OutputRef } from "./instance.ts";
import type { At, Mistakes } from "./mistakes.ts";
import type { Step } from "./source.ts";

/** A stage of the file, or of one that it includes, with all its cells. */
export interface DeclaredStage {
  isMatrix: boolean;
  /** Ids of all cells, also of those that are left out. */
  cells: string[];
  /** Cells that are in the pipeline. One whose contract could not be loaded has none. */
  present: Map<string, StageContract | undefined>;
}

/** The stage whose inputs are connected. */
export interface Consumer {
  name: string;
  uses: string;
  contract: StageContract;
  /** Checked; undefined if something is wrong with them. */
  params: Record<string, unknown> | undefined;
  /** Without `${...}`. */
  inputs: Record<string, unknown>;
  /** Where `inputs` stands. */
  path: Step[];
  /** A stage whose parameters are wrong is not yet asked for inputs it does not mention. */
  mayLack: boolean;
}

const REFERENCE = /^([A-Za-z_][\w-]*(?:\/[\w.+-]+)*)\.([A-Za-z_]\w*)$/;

/** Connects the inputs of a stage; what cannot be connected is added to `mistakes`. */
export function connect(
  consumer: Consumer,
  stages: Map<string, DeclaredStage>,
  mistakes: Mistakes,
): Record<string, OutputRef[]> {
  const { name, uses, contract, params, inputs, path, mayLack } = consumer;
  const declared = Object.keys(contract.inputs);
  const connected: Record<string, OutputRef[]> = {};

  for (const input of Object.keys(inputs)) {
    if (Object.hasOwn(contract.inputs, input)) continue;
    mistakes.add(
      `stage "${name}" has an unknown input "${input}"`,
      { path: [...path, input], on: "key" },
      {
        hint: didYouMean(input, declared),
        notes: [`${uses} takes the inputs: ${declared.join(", ") || "none"}`],
      },
    );
  }
  for (const [input, artifact] of Object.entries(contract.inputs)) {
    const before = mistakes.count;
    const absent: string[] = [];
    const refs = connectInput(input, artifact, absent);
    if (mistakes.count > before) continue;
    if (refs.length > 0) connected[input] = [...refs]; // without the room that a grown list has
    else if (!artifact.optional && !(mayLack && absent.length === 0)) {
      reportMissing(input, artifact, absent);
    }
  }
  return connected;

  function connectInput(input: string, artifact: Artifact, absent: string[]): OutputRef[] {
    const given = Object.hasOwn(inputs, input) ? inputs[input] : undefined;
    if (given === undefined || given === null) return [];
    const at = [...path, input];
    if (Array.isArray(given) && !artifact.many) {
      mistakes.add(`input "${input}" of stage "${name}" takes one artifact, not a list`, {
        path: at,
      }, { hint: 'write "a.x | b.y" for the first that is there' });
      return [];
    }
    const texts = Array.isArray(given) ? given : [given];
    const refs = texts.flatMap((text, i) =>
      firstPresent(String(text), artifact, input, Array.isArray(given) ? [...at, i] : at, absent)
    );
    const twice = refs.find(({ id }, i) => refs.findIndex((one) => one.id === id) < i);
    if (twice) {
      mistakes.add(
        `input "${input}" of stage "${name}" takes two artifacts of "${twice.id}"`,
        { path: at },
        { hint: "it is given one folder for each stage" },
      );
    }
    return refs;
  }

  /** `a.x | b.y`: all are checked, the first that is in the pipeline counts. */
  function firstPresent(
    text: string,
    artifact: Artifact,
    input: string,
    at: Step[],
    absent: string[],
  ): OutputRef[] {
    const options = text.split("|").map((one) => one.trim());
    const found = options.map((one) => resolve(one, artifact, input, { path: at, within: one }));
    absent.push(...options);
    return found.find((refs) => refs && refs.length > 0) ?? [];
  }

  function resolve(text: string, artifact: Artifact, input: string, at: At): OutputRef[] {
    const match = REFERENCE.exec(text);
    if (!match) {
      const known = stages.has(text) ? outputsOf(stages.get(text)) : [];
      const empty = text === "";
      const message = empty ? "a reference is empty" : `cannot read the reference "${text}"`;
      mistakes.add(message, empty ? { path: at.path } : at, {
        hint: known.length > 0 ? `did you mean "${text}.${known[0]}"?` : "expected STAGE.OUTPUT",
      });
      return [];
    }
    const [, id, output] = match;
    const stage = stageOf(id);
    const producer = stages.get(stage);
    if (!producer) {
      const names = [...stages.keys()];
      // Those of an included pipeline only where the reference leads there.
      const [first] = id.split("/");
      const inside = names.filter((one) => one.startsWith(`${first}/`));
      const own = names.filter((one) => !one.includes("/"));
      mistakes.add(`stage "${name}" takes "${text}", but there is no stage "${stage}"`, at, {
        hint: didYouMean(stage, names) ?? didYouMean(id, names),
        notes: [
          inside.length > 0 ? `"${first}" has: ${inside.join(", ")}` : `stages: ${own.join(", ")}`,
        ],
      });
      return [];
    }
    const cell = id.slice(stage.length);
    if (cell !== "" && !producer.cells.includes(id)) {
      mistakes.add(`stage "${name}" takes "${text}", but there is no "${id}"`, at, {
        hint: didYouMean(id, producer.cells),
        notes: [
          producer.isMatrix
            ? `"${stage}" has: ${producer.cells.join(", ")}`
            : `"${stage}" has no matrix`,
        ],
      });
      return [];
    }
    const wanted = cell === "" ? [...producer.present.keys()] : [id];
    const present = wanted.filter((one) => producer.present.has(one));
    if (cell === "" && producer.isMatrix && !artifact.many) {
      mistakes.add(
        `input "${input}" of stage "${name}" takes one artifact, but "${stage}" is a matrix`,
        at,
        { hint: `name one: "${producer.cells[0] ?? `${stage}/VALUE`}.${output}"` },
      );
      return [];
    }
    const contracts = new Set(present.map((one) => producer.present.get(one)));
    for (const contract of contracts) if (contract) checkKind(text, contract, artifact, input, at);
    return present.map((one) => ({ id: one, output }));
  }

  /** The part of an id that names a stage: `evaluate` of `evaluate/h2t`, `det/sr` of `det/sr/4`. */
  function stageOf(id: string): string {
    const parts = id.split("/");
    const starts = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
    const known = starts.find((start) => stages.has(start));
    if (known !== undefined) return known;
    return [...stages.keys()].some((one) => one.startsWith(`${parts[0]}/`)) ? id : parts[0];
  }

  function checkKind(
    text: string,
    producer: StageContract,
    artifact: Artifact,
    input: string,
    at: At,
  ): void {
    const stage = text.slice(0, text.lastIndexOf("."));
    const output = text.slice(stage.length + 1);
    const outputs = Object.keys(producer.outputs);
    if (!outputs.includes(output)) {
      mistakes.add(`stage "${stage}" has no output "${output}"`, at, {
        hint: didYouMean(output, outputs)?.replace('"', `"${stage}.`),
        notes: [`"${stage}" makes: ${outputs.join(", ") || "nothing"}`],
      });
      return;
    }
    const [kind] = producer.outputs[output].kinds;
    const kinds = kindsWith(params, artifact);
    if (kinds.some((one) => fits(one, kind))) return;
    mistakes.add(
      `input "${input}" of stage "${name}" takes ${either(kinds)}, ` +
        `but "${text}" is ${kind}`,
      at,
      { notes: [fitting(artifact)] },
    );
  }

  function reportMissing(input: string, artifact: Artifact, absent: string[]): void {
    const given = isMapping(inputs) && Object.hasOwn(inputs, input);
    const at: At = given ? { path: [...path, input] } : { path, on: "key" };
    const notes = [fitting(artifact)];
    if (absent.length === 0) {
      mistakes.add(`stage "${name}" needs the input "${input}"`, at, {
        hint: `expected ${either(kindsWith(params, artifact))}`,
        notes,
      });
    } else {
      mistakes.add(`input "${input}" of stage "${name}" is not connected`, at, {
        hint: `left out with these params: ${absent.join(", ")}`,
        notes,
      });
    }
  }

  function fitting(artifact: Artifact): string | undefined {
    const wanted = kindsWith(params, artifact);
    const fitting: string[] = [];
    for (const [stage, { present }] of stages) {
      const contract = present.values().next().value;
      if (!contract || stage === name) continue;
      for (const [output, { kinds }] of Object.entries(contract.outputs)) {
        if (wanted.some((one) => fits(one, kinds[0]))) fitting.push(`${stage}.${output}`);
      }
    }
    return fitting.length > 0 ? `what fits: ${fitting.slice(0, 6).join(", ")}` : undefined;
  }
}

/** An input's kinds with the values of params in their places; `*` where those are not known. */
function kindsWith(params: Record<string, unknown> | undefined, { kinds }: Artifact): string[] {
  return kinds.map((kind) => kind.replace(/<(\w+)>/g, (_, name) => String(params?.[name] ?? "*")));
}

function fits(wanted: string, kind: string): boolean {
  const [start, end] = wanted.split("*");
  return end === undefined
    ? wanted === kind
    : kind.length >= start.length + end.length && kind.startsWith(start) && kind.endsWith(end);
}

function outputsOf(stage: DeclaredStage | undefined): string[] {
  const contract = stage?.present.values().next().value;
  return contract ? Object.keys(contract.outputs) : [];
}
