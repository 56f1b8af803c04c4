/**
 * Checks pipeline files with all their profiles, and says every mistake once.
 *
 * @module
 */
import { resolve } from "node:path";
import { type Diagnostic, UserError } from "../diagnostic.ts";
import { readDocument } from "./document.ts";
import { loadPipeline } from "./load.ts";
import { Mistakes } from "./mistakes.ts";

/** What came of checking one file. */
export interface LintResult {
  /** As the person gave it. */
  file: string;
  /** The profiles it was loaded with, `default` first. */
  profiles: string[];
  mistakes: Diagnostic[];
}

/**
 * Loads a file once with each of its profiles. It is not planned, and nothing is looked up in a store.
 *
 * @param options.profile only this one
 */
export async function lintFile(
  file: string,
  { root, profile, sets = [] }: { root: string; profile?: string; sets?: string[] },
): Promise<LintResult> {
  const profiles = profile === undefined ? await profilesOf(file) : [profile];
  const mistakes = new Map<string, Diagnostic>();
  for (const name of profiles) {
    try {
      await loadPipeline({ file, root, profile: name, sets });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      for (const { notes, ...mistake } of error.diagnostics) {
        // The same mistake is there with every profile that does not touch what is wrong.
        const identity = JSON.stringify([mistake.message, mistake.place]);
        const only = name === "default" ? [] : [`with the profile "${name}"`];
        if (!mistakes.has(identity)) {
          mistakes.set(identity, { ...mistake, notes: [...notes ?? [], ...only] });
        }
      }
    }
  }
  return { file, profiles, mistakes: [...mistakes.values()] };
}

/** The names of a file's profiles; of one that cannot be read only `default`, which then says why. */
async function profilesOf(file: string): Promise<string[]> {
  try {
    const document = await readDocument(resolve(file), new Mistakes());
    return ["default", ...Object.keys(document?.file.profiles ?? {})];
  } catch (error) {
    if (error instanceof UserError) return ["default"];
    throw error;
  }
}
