/**
 * Tiny real stages for end-to-end tests: each does one thing that a runner must cope with.
 *
 * @module
 */

/** Path → text of the stages; tests add a pipeline. */
export const STAGES: Record<string, string> = {
  "stages/say.ts": `
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";

export default defineStage({
  summary: "Writes a text",
  params: z.strictObject({ text: z.string(), seed: z.int().default(0) }),
  inputs: {},
  outputs: { text: artifact("text") },
  async run({ params, outputs }) {
    // The seed is read, though it makes no difference.
    await Deno.writeTextFile(outputs.text + "/text.txt", params.seed < 0 ? "" : params.text);
  },
});
`,
  "stages/shout.ts": `
import { z } from "zod";
import { artifact, defineStage } from "../runner/stage.ts";
import { loud } from "../lib/loud.ts";

export default defineStage({
  summary: "Writes its input in capitals",
  params: z.strictObject({ mark: z.string().default("!") }),
  inputs: { text: artifact("text") },
  outputs: { text: artifact("text") },
  async run({ params, inputs, outputs, report }) {
    const text = loud(await Deno.readTextFile(inputs.text + "/text.txt")) + params.mark;
    report.metric("length", text.length);
    await Deno.writeTextFile(outputs.text + "/text.txt", text);
  },
});
`,
  "lib/loud.ts": `
/** In capitals. */
export function loud(text: string): string {
  return text.toUpperCase();
}
`,
  "stages/join.ts": `
import { z } from "zod";
import { artifact, defineStage, many } from "../runner/stage.ts";

export default defineStage({
  summary: "Joins texts",
  params: z.strictObject({}),
  inputs: { texts: many(artifact("text")) },
  outputs: { text: artifact("text") },
  async run({ inputs, outputs, report }) {
    const rows = await Promise.all(
      Object.entries(inputs.texts).map(async ([id, folder]) => [
        id,
        await Deno.readTextFile(folder + "/text.txt"),
      ]),
    );
    report.table("Texts", ["stage", "text"], rows);
    await Deno.writeTextFile(outputs.text + "/text.txt", rows.map(([, text]) => text).join(" "));
  },
});
`,
};

/**
 * A stage without inputs whose `run(context)` has the given body. `done()` fills its output. It reads
 * all of its params, so that those with other params are other stages.
 *
 * @param contract further lines of the contract, e.g. `net: () => ["localhost:80"],`
 */
export function stage(body: string, contract = ""): string {
  return readingStage(`structuredClone(context.params);\n    ${body}`, contract);
}

/** The same, which reads only the params that its body reads. */
export function readingStage(body: string, contract = ""): string {
  return `
import { z } from "zod";
import { artifact, defineStage, StageError } from "../runner/stage.ts";

export default defineStage({
  summary: "Test stage",
  params: z.record(z.string(), z.any()),
  inputs: {},
  outputs: { out: artifact("text") },
  ${contract}
  async run(context) {
    const done = (text = "done") => Deno.writeTextFile(context.outputs.out + "/text.txt", text);
    void StageError;
    ${body}
  },
});
`;
}
