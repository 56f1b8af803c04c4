/**
 * The params on which a stage's result depends: those that its process has read, and those that
 * bound what it could read.
 *
 * @module
 */
import type { StageInstance } from "../pipeline/instance.ts";
import { expandPath, metaIn } from "../pipeline/schema_walk.ts";
import { type ParamPath, trackReads } from "./tracked_params.ts";

/** Joins what the process has read and what the runner has, sorted, each path once. */
export function usedParams(instance: StageInstance, read: ParamPath[]): ParamPath[] {
  const paths = [...read, ...usedByRunner(instance)];
  const texts = new Set(paths.map((path) => JSON.stringify(path)));
  return [...texts].sort().map((text): ParamPath => JSON.parse(text));
}

/** What chose its modules, its outside data, its hosts and the kinds of its inputs. */
function usedByRunner({ contract, params, externals }: StageInstance): ParamPath[] {
  const named = metaIn(contract.params).flatMap(({ path }) => expandPath(params, path));
  const kinds = Object.values(contract.inputs).flatMap((input) => input.kinds);
  const hosts: ParamPath[] = [];
  contract.net?.(trackReads(params, (path) => hosts.push(path)));
  return [
    ...named.map((path) => path.map(String)),
    ...externals.map(({ at }) => at),
    ...kinds.flatMap((kind) => [...kind.matchAll(/<([^>]*)>/g)].map(([, name]) => [name])),
    ...hosts,
  ];
}
