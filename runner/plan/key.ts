/**
 * From a stage instance whose inputs are known to the key of its result.
 *
 * The key is the SHA-256 of the canonical JSON of {@link KeyMaterial}; the whole material is kept
 * with the result, so that two keys can always be compared.
 *
 * @module
 */
import type { StageInstance } from "../pipeline/instance.ts";
import { canonicalJson, digestBytes } from "../store/digest.ts";
import type { KeyMaterial } from "./record.ts";

/** Outputs of the stages that are done: instance id → output name → tree digest. */
export type KnownOutputs = Map<string, Record<string, string>>;

/** What the runner knows of the machine, for stages that compute. */
export interface Runtime {
  /** `tensorflow`, `wasm` or `webgpu`. */
  backend: string;
  /** Version of its library. */
  version: string;
}

/** What a key needs besides the instance. */
export interface KeyParts {
  code: Record<string, string>;
  known: KnownOutputs;
  /** Digest of a path outside the store. */
  digestPath(path: string): string;
  runtime: Runtime;
}

/** Returns the key of a result, 64 hexadecimal digits. */
export function keyOf({ code, ...rest }: KeyMaterial): string {
  // Stages share their code: it is long, and written once. "code" comes first in sorted keys.
  let codeText = codeTexts.get(code);
  if (codeText === undefined) {
    codeText = canonicalJson(code);
    codeTexts.set(Object.freeze(code), codeText); // frozen: the text stays true
  }
  return digestBytes(`{"code":${codeText},${canonicalJson(rest).slice(1)}`);
}

const codeTexts = new WeakMap<KeyMaterial["code"], string>();

/**
 * Gathers all that can make a difference to a stage's result.
 *
 * @throws {RangeError} if an input is not known yet; see {@link unknownProducers}
 */
export function keyMaterial(instance: StageInstance, parts: KeyParts): KeyMaterial {
  const { contract, uses, resources } = instance;
  return {
    format: 1,
    stage: { name: uses, version: contract.version ?? 1 },
    code: parts.code,
    params: paramsByContent(instance, parts.digestPath),
    inputs: inputDigests(instance, parts.known),
    runtime: contract.compute ? { ...parts.runtime, threads: String(resources.cpu) } : {},
  };
}

/** Returns ids of the instances whose outputs are needed and not known, in order, each once. */
export function unknownProducers(instance: StageInstance, known: KnownOutputs): string[] {
  const ids = Object.values(instance.inputs).flat().map(({ id }) => id);
  return [...new Set(ids)].filter((id) => !known.has(id));
}

/** Returns params with the digest of what lies at an external path in the path's place. */
export function paramsByContent(
  { params, externals }: StageInstance,
  digestPath: (path: string) => string,
): Record<string, unknown> {
  if (externals.length === 0) return params;
  const copy = structuredClone(params);
  for (const { at, path } of externals) {
    const last = at[at.length - 1];
    const holder = at.slice(0, -1).reduce<unknown>((value, name) => member(value, name), copy);
    if (!isRecord(holder)) throw new RangeError(`Cannot find parameter ${at.join(".")}`);
    holder[last] = digestPath(path);
  }
  return copy;
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

/** Arrays included: their indices are names too. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function inputDigests(instance: StageInstance, known: KnownOutputs): KeyMaterial["inputs"] {
  const digests: KeyMaterial["inputs"] = {};
  for (const [name, refs] of Object.entries(instance.inputs)) {
    const found = refs.map(({ id, output, as = id }): [string, string] => {
      const digest = known.get(id)?.[output];
      if (digest === undefined) {
        throw new RangeError(`Cannot make the key of ${instance.id}: ${id}.${output} is not known`);
      }
      return [as, digest];
    });
    // Only a `many` input tells its stage what the producers are called, so only there it counts.
    if (instance.contract.inputs[name]?.many) digests[name] = Object.fromEntries(found);
    else if (found.length > 0) digests[name] = found[0][1];
  }
  return digests;
}
