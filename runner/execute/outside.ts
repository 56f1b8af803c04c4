/**
 * What a stage takes from outside the store: provenance, not part of any key beyond its content.
 *
 * @module
 */
import type { StageInstance } from "../pipeline/instance.ts";
import type { ActionRecord } from "../plan/record.ts";

/** Names the paths and hosts; nothing at all for a stage that only uses other stages' outputs. */
export function outsideOf(
  { contract, params, externals }: StageInstance,
): Pick<ActionRecord, "outside"> {
  const paths = Object.fromEntries(externals.map(({ at, path }) => [at.join("."), path]));
  const hosts = contract.net?.(params) ?? [];
  const isNothing = externals.length + hosts.length === 0;
  return isNothing ? {} : { outside: { paths, hosts } };
}
