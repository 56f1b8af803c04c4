/**
 * Whether a pipeline file says what such a file may say.
 *
 * @module
 */
import { findings } from "./findings.ts";
import type { At, Mistakes } from "./mistakes.ts";
import { fileSchema, NAME_RULE, type PipelineFile } from "./schema.ts";
import { valueAt } from "./schema_walk.ts";
import type { Source, Step } from "./source.ts";

/** Checks a file. @returns undefined if it does not fit; `mistakes` then say why */
export function checkDocument(source: Source, mistakes: Mistakes): PipelineFile | undefined {
  const result = fileSchema.safeParse(source.value);
  if (result.success) return result.data;
  for (const one of findings(result.error.issues, fileSchema, source.value)) {
    const parent = one.path.slice(0, -1);
    const owner = nameOf(parent);
    switch (one.kind) {
      case "unknown": {
        const subject = owner ? `${owner} has an unknown key` : "unknown key";
        const { hint, takes } = one;
        const at: At = { source, path: one.path, on: "key" };
        const notes = [`${owner ?? "a pipeline file"} takes: ${takes.join(", ")}`];
        mistakes.add(`${subject} "${one.path.at(-1)}"`, at, { hint, notes });
        break;
      }
      case "missing":
        mistakes.add(`${owner ?? source.shown} needs "${one.path.at(-1)}"`, {
          source,
          path: parent,
          on: "key",
        }, { hint: `expected ${one.expected}` });
        break;
      case "wrong":
        reportWrong(source, one.path, one.must, one.hint, mistakes);
    }
  }
  return undefined;
}

function reportWrong(
  source: Source,
  path: Step[],
  must: string,
  hint: string,
  mistakes: Mistakes,
): void {
  const subject = nameOf(path) ?? source.shown;
  if (must === `be ${NAME_RULE}`) {
    const word = String(path.at(-1));
    const near = word.replace(/^(?=\d)/, "_").replace(/[^\w-]+/g, "_");
    mistakes.add(`the name "${word}" must be ${NAME_RULE}`, { source, path, on: "key" }, {
      hint: /^[A-Za-z_]/.test(near) ? `did you mean "${near}"?` : undefined,
    });
  } else if (path.length === 2 && path[0] === "stages" && valueAt(source.value, path) === null) {
    mistakes.add(`${subject} is empty`, { source, path, on: "key" }, {
      hint: "expected uses: STAGE",
    });
  } else {
    mistakes.add(`${subject} must ${must}`, { source, path }, { hint });
  }
}

/** `stage "sr"`, `"when" of stage "sr"`, `"profile" of include "det"`, `"params"`. */
function nameOf([section, name, ...rest]: Step[]): string | undefined {
  if (section === undefined) return undefined;
  if ((section === "stages" || section === "include") && name !== undefined) {
    const owner = `${section === "stages" ? "stage" : "include"} "${name}"`;
    return rest.length === 0 ? owner : `"${rest.join(".")}" of ${owner}`;
  }
  return `"${[section, ...(name === undefined ? [] : [name]), ...rest].join(".")}"`;
}
