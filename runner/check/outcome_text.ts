/**
 * What a check of a stage has come to, in words.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { count, formatSeconds } from "../ui/format.ts";
import type { CheckEnd, Stop } from "./check.ts";

/** What is found out: see `repeat.ts` and `resume.ts`. */
export type CheckKind = "deterministic" | "resumable";

/** One check of one stage, as `--json` has it. */
export interface StageCheck {
  id: string;
  check: CheckKind;
  /** `unstopped`: it was done before it could be stopped. */
  status: "verified" | "differs" | "unstopped" | "failed" | "interrupted";
  seconds: number;
  /** Files that the stored result has. */
  files: number;
  /** The others, e.g. `model/task.safetensors differs`. */
  differences: string[];
  stops: Stop[];
  /** Why it failed. */
  message?: string;
}

/** Puts an end in one form. */
export function describeCheck(
  id: string,
  check: CheckKind,
  end: CheckEnd,
  seconds: number,
): StageCheck {
  const base = { id, check, seconds, files: 0, differences: [], stops: [] };
  switch (end.status) {
    case "failed":
      return { ...base, status: "failed", message: end.failure.message };
    case "interrupted":
      return { ...base, status: "interrupted" };
    case "compared": {
      const { files, stops } = end;
      const differences = end.differences.map(({ file, how }) => `${file} ${how}`);
      const unstopped = check === "resumable" && stops.length === 0;
      const status = differences.length > 0 ? "differs" : unstopped ? "unstopped" : "verified";
      return { ...base, status, files, differences, stops };
    }
  }
}

/** So many different files are named. */
const NAMED = 10;

/** One line, and more where something is wrong. */
export function renderCheck(
  { id, check, status, seconds, files, differences, stops, message = "" }: StageCheck,
  c: Colors,
): string {
  const good = (text: string) => `${c.green("✓")} ${id}  ${text}\n`;
  const bad = (text: string, more: string[] = []) =>
    [`${c.red("✗")} ${id}  ${text}`, ...more.map((line) => `    ${line}`)].join("\n") + "\n";
  const how = stops.length === 0 ? "" : `, stopped ${stops.map(describeStop).join(", ")}`;
  switch (status) {
    case "verified":
      return good(
        `verified ${check}: the same ${count(files, "file")} again in ${
          formatSeconds(seconds)
        }${how}`,
      );
    case "differs": {
      const rest = differences.length - NAMED;
      return bad(
        `not ${check}: ${count(differences.length, "file")} of ${files} not the same${how}`,
        [
          ...differences.slice(0, NAMED),
          ...(rest > 0 ? [`and ${rest} more`] : []),
        ],
      );
    }
    case "unstopped":
      return bad("was done before it could be stopped; so nothing is known of its going on");
    case "failed":
      return bad(
        `failed when it ran again: ${message.split("\n")[0]}`,
        message.split("\n").slice(1),
      );
    case "interrupted":
      return `${c.yellow("-")} ${id}  interrupted\n`;
  }
}

/** E.g. `at 40 %`, `at 71 % by force`. */
function describeStop({ how, at }: Stop): string {
  const where = at === undefined ? "before it told of progress" : `at ${Math.round(at * 100)} %`;
  return how === "asked" ? where : `${where} by force`;
}
