/**
 * `schema`: write the JSON Schema with which an editor completes and checks pipeline files.
 *
 * @module
 */
import { join } from "node:path";
import { pipelineSchema } from "../pipeline/json_schema.ts";
import { print, type Surroundings } from "./options.ts";

/**
 * Makes the schema from the same definitions that check pipeline files.
 *
 * @param file where to, `-` for standard output; default `pipelines/schema.json`
 * @returns the exit code
 */
export async function schemaCommand(
  file: string | undefined,
  { root }: Surroundings,
): Promise<number> {
  const text = JSON.stringify(await pipelineSchema(root), null, 2) + "\n";
  if (file === "-") {
    print(text);
    return 0;
  }
  const path = file ?? join(root, "pipelines", "schema.json");
  await Deno.writeTextFile(path, text);
  print(
    `Wrote ${path}\n` +
      `An editor uses it for a pipeline file whose first line is\n` +
      `  # yaml-language-server: $schema=./schema.json\n`,
  );
  return 0;
}
