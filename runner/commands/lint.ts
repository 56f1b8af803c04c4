/**
 * `lint`: check pipeline files without planning or running anything.
 *
 * @module
 */
import { formatDiagnostics, UserError } from "../diagnostic.ts";
import { lintFile, type LintResult } from "../pipeline/lint.ts";
import { count } from "../ui/format.ts";
import { print, printError, type Surroundings } from "./options.ts";

/** Options of `lint`. */
export interface LintOptions {
  /** Only this profile; default: all of each file. */
  profile?: string;
  set?: string[];
  json?: boolean;
}

/** The exit code for a person's mistakes. */
const MISTAKES = 2;

/** Checks and prints every mistake of every file. @returns the exit code */
export async function lintCommand(
  files: string[],
  { profile, set = [], json }: LintOptions,
  { root }: Surroundings,
): Promise<number> {
  const results: LintResult[] = [];
  for (const file of files) {
    const only = profile === undefined ? {} : { profile };
    results.push(await lintFile(file, { root, sets: set, ...only }));
  }
  // A file that several others extend or include has its mistakes once.
  const mistakes = [
    ...new Map(
      results.flatMap((result) => result.mistakes)
        .map((mistake) => [JSON.stringify([mistake.message, mistake.place]), mistake]),
    ).values(),
  ];
  if (json) print(JSON.stringify(results, null, 2) + "\n");
  else {
    printError(mistakes.map((one) => formatDiagnostics(new UserError(one))).join("\n"));
    const profiles = results.reduce((sum, result) => sum + result.profiles.length, 0);
    const checked = `${count(files.length, "file")}, ${count(profiles, "profile")}`;
    const found = mistakes.length === 0 ? "no mistakes" : count(mistakes.length, "mistake");
    print(`${checked}: ${found}\n`);
  }
  return mistakes.length === 0 ? 0 : MISTAKES;
}
