/**
 * The params of a run: defaults, a profile over them, what an including file gives over that, `--set`
 * over all, each checked.
 *
 * @module
 */
import { didYouMean } from "../nearest.ts";
import { type Given, isMapping, overlay, type PipelineDocument } from "./document.ts";
import { describe } from "./findings.ts";
import type { Mistakes, Where } from "./mistakes.ts";
import { agrees, takesAnyKey, typeName } from "./param_types.ts";
import { valueAt } from "./schema_walk.ts";
import { assign, readSetting, type SetArgument } from "./settings.ts";
import type { Step } from "./source.ts";

/** What is laid over the params of a file. */
export interface Choices {
  /** Undefined for the params as they are, which is also what `default` means. */
  profile: { name: string; at: Where } | undefined;
  /** By the file that includes this one. */
  given: Given | undefined;
}

/** Lays choices and settings over the document's params, checking all of them. */
export async function applyChoices(
  document: PipelineDocument,
  { profile, given }: Choices,
  sets: SetArgument[],
  mistakes: Mistakes,
): Promise<void> {
  const { file } = document;
  const defaults = file.params ?? {};
  for (const [name, params] of Object.entries(file.profiles ?? {})) {
    const layer: Layer = {
      owner: `profile "${name}"`,
      at: (steps, on) => ({ path: ["profiles", name, ...steps], on }),
    };
    checkLayer(document, defaults, params ?? {}, layer, [], mistakes);
  }
  if (profile && profile.name !== "default") {
    const found = valueAt(file.profiles, [profile.name]);
    if (found !== undefined) {
      document.profile = profile.name;
      file.params = overlay(defaults, isMapping(found) ? found : {});
    } else {
      const profiles = ["default", ...Object.keys(file.profiles ?? {})];
      mistakes.add(`there is no profile "${profile.name}"`, profile.at, {
        hint: didYouMean(profile.name, profiles),
        notes: [`${document.sources[0].shown} has the profiles: ${profiles.join(", ")}`],
      });
    }
  }
  if (given) {
    const { owner } = given;
    const layer: Layer = { owner, at: (path, on) => () => given.find({ path, on }) };
    checkLayer(document, defaults, given.params, layer, [], mistakes);
    document.given = given;
    file.params = overlay(file.params ?? {}, given.params);
  }
  for (const set of sets) {
    const setting = await readSetting(document, set, mistakes);
    if (!setting) continue;
    document.settings.push(setting);
    file.params = assign(file.params ?? {}, setting.path, setting.value);
  }
}

/** Params that lie over others. */
interface Layer {
  owner: string;
  at(steps: Step[], on: "key" | "value"): Where;
}

function checkLayer(
  document: PipelineDocument,
  defaults: unknown,
  over: Record<string, unknown>,
  layer: Layer,
  path: string[],
  mistakes: Mistakes,
): void {
  for (const [key, value] of Object.entries(over)) {
    const here = [...path, key];
    if (!isMapping(defaults) || !Object.hasOwn(defaults, key)) {
      const words = isMapping(defaults) ? Object.keys(defaults) : [];
      const scope = path.length === 0 ? "params" : `params.${path.join(".")}`;
      mistakes.add(
        `${layer.owner} sets the unknown param "${here.join(".")}"`,
        layer.at(here, "key"),
        { hint: didYouMean(key, words), notes: [`${scope} has: ${words.join(", ")}`] },
      );
      continue;
    }
    const below = defaults[key];
    if (takesAnyKey(document, here, below)) continue;
    if (isMapping(value) && isMapping(below)) {
      checkLayer(document, below, value, layer, here, mistakes);
    } else if (!agrees(below, value)) {
      mistakes.add(
        `${layer.owner} sets the param "${here.join(".")}" to another type`,
        layer.at(here, "value"),
        { hint: `expected ${typeName(below)}, found ${describe(value)}` },
      );
    }
  }
}
