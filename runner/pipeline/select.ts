/**
 * Which stages a person means: `--only train`, `--until det/sr`, `--force "evaluate/*"`.
 *
 * @module
 */
import { type Diagnostic, UserError } from "../diagnostic.ts";
import { didYouMean } from "../nearest.ts";
import { listed } from "../ui/format.ts";
import type { StageInstance } from "./instance.ts";

/**
 * Finds the stages that the words of an option stand for. A word is the id of a stage; or what stands
 * before a `/` in ids: the name of a matrix for all its cells, the name of an include for all its
 * stages; or either with `*` for any text.
 *
 * @param option the option that has the words, e.g. `--only`
 * @returns ids, in no particular order
 * @throws {UserError} with all words that stand for no stage
 */
export function selectStages(
  stages: Pick<StageInstance, "id" | "aliases">[],
  words: string[],
  option: string,
): Set<string> {
  // Equal stages are one; by each of their ids it can be asked for.
  const known = stages.flatMap((stage) =>
    [stage.id, ...stage.aliases].map((id) => ({ id, stage: stage.id }))
  );
  const selected = new Set<string>();
  const mistakes: Diagnostic[] = [];
  for (const word of words) {
    const matches = matcher(word);
    const found = known.filter(({ id }) => matches(id));
    if (found.length === 0) mistakes.push(unknown(word, option, known.map(({ id }) => id)));
    for (const { stage } of found) selected.add(stage);
  }
  if (mistakes.length > 0) throw new UserError(mistakes);
  return selected;
}

/** The stages with these ids and all that they need, in the same order. */
export function withNeeds(stages: StageInstance[], ids: ReadonlySet<string>): StageInstance[] {
  const wanted = new Set(ids);
  for (const { id, inputs } of stages.toReversed()) {
    if (!wanted.has(id)) continue;
    for (const ref of Object.values(inputs).flat()) wanted.add(ref.id);
  }
  return stages.filter(({ id }) => wanted.has(id));
}

function matcher(word: string): (id: string) => boolean {
  const parts = word.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`^${parts.join(".*")}(/.*)?$`);
  return (id) => pattern.test(id);
}

function unknown(word: string, option: string, ids: string[]): Diagnostic {
  const names = new Set(ids.flatMap(prefixes));
  const tops = [...new Set(ids.map((id) => id.split("/")[0]))];
  const hint = didYouMean(word, names);
  return {
    message: `there is no stage "${word}"`,
    place: {
      line: 1,
      column: option.length + 2,
      length: word.length,
      text: `${option} ${word}`,
    },
    ...(hint === undefined ? {} : { hint }),
    notes: [`stages: ${tops.length > 12 ? listed(tops) : tops.join(", ")}`],
  };
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function prefixes(id: string): string[] {
  const parts = id.split("/");
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}
