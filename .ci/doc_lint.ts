/**
 * Checks the documentation of what extensions are written against: stages, networks, tasks, formats
 * and metrics. `deno doc --lint` finds what is missing; one of its rules cannot be met here.
 *
 * @module
 */

/** Modules that a new stage, network, task, recipe, format or metric imports. */
const PUBLIC = [
  "runner/stage.ts",
  "ml/cost/role.ts",
  "ml/data/formats/source.ts",
  "ml/evaluation/scoring.ts",
  ...modulesIn("ml/nn"),
  "ml/predict/answer.ts",
  "ml/tasks/task.ts",
  "ml/tensor/backend.ts",
  "ml/tensor/compile.ts",
  "ml/tensor/random.ts",
  ...modulesIn("ml/tensor/ops"),
  "ml/train/recipe.ts",
];

/** Types of packages are "private" to it even where, as with tensors, they are the very subject. */
const UNMET = "private-type-ref";

const { stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...PUBLIC],
  env: { NO_COLOR: "1" },
  stdin: "null",
}).output();
const text = new TextDecoder().decode(stderr);
if (!/^error: Found \d+ documentation lint error/m.test(text) && !/^Checked \d+ file/m.test(text)) {
  console.error(text);
  Deno.exit(1); // It did not come to linting.
}
const findings = text.split(/^(?=error\[)/m).filter((part) => part.startsWith("error["));
const wanting = findings.filter((finding) => !finding.startsWith(`error[${UNMET}]`));
for (const finding of wanting) {
  const [rule, place] = finding.split("\n");
  console.error(`${place.replace(/^.*-->\s*/, "").replace(`${Deno.cwd()}/`, "")}: ${rule}`);
}
console.error(`${wanting.length} gaps in the documentation of ${PUBLIC.length} modules`);
Deno.exit(wanting.length === 0 ? 0 : 1);

function modulesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".ts"))
    .map(({ name }) => `${folder}/${name}`).sort();
}
