/**
 * The JSON Schema of pipeline files, so that editors complete and check them.
 *
 * Made from the definitions that the runner checks with: `schema.ts` and the stages' contracts.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../diagnostic.ts";
import { paramMeta, type StageContract } from "../stage.ts";
import { loadContracts, modulesOf } from "./contracts.ts";
import { isMapping } from "./document.ts";
import { either } from "./findings.ts";
import { Mistakes } from "./mistakes.ts";
import { fileSchema } from "./schema.ts";

type Json = Record<string, unknown>;

/** What any value may be instead: a reference, resolved before the value is checked. */
const REFERENCE = { type: "string", pattern: "\\$\\{" };

/**
 * Makes the schema for a project.
 *
 * @param root the folder that holds `stages/`
 * @throws {UserError} if a stage cannot be loaded
 */
export async function pipelineSchema(root: string): Promise<object> {
  const folder = resolve(root);
  const names = modulesOf(join(folder, "stages"));
  const mistakes = new Mistakes();
  const wanted = new Map(names.map((name) => [name, { path: [] }]));
  const contracts = await loadContracts(folder, wanted, mistakes);
  const nowhere = { line: 1, column: 1, length: 1, text: "" };
  try {
    await mistakes.throwIfAny(() => Promise.resolve(nowhere));
  } catch (error) {
    // Nobody wrote these names in a file: there is no place to show.
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.diagnostics.map(({ place: _, ...rest }) => rest), { cause: error });
  }

  const schema: Json = z.toJSONSchema(fileSchema, { io: "input", unrepresentable: "any" });
  const stage = below(schema, "properties", "stages", "anyOf", 0, "additionalProperties");
  const uses = below(stage, "properties", "uses");
  uses.anyOf = [
    ...names.map((name) => ({ const: name, description: contracts.get(name)?.summary ?? "" })),
    REFERENCE,
  ];
  stage.allOf = [...contracts].map(([name, contract]) => ({
    if: { properties: { uses: { const: name } }, required: ["uses"] },
    then: { properties: { with: withSchema(folder, contract), inputs: inputsSchema(contract) } },
  }));
  return { title: "Pipeline", ...schema };
}

function withSchema(root: string, contract: StageContract): Json {
  const schema: Json = z.toJSONSchema(contract.params, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const folder = paramMeta.get(zodSchema)?.moduleIn;
      if (folder !== undefined) jsonSchema.enum = modulesOf(join(root, folder));
    },
  });
  const { $schema: _, ...rest } = schema;
  return { anyOf: [openToReferences(rest), { type: "null" }, REFERENCE] };
}

/** Lets each value be a reference, and nothing be required: an extended file may give the rest. */
function openToReferences(schema: unknown): Json {
  if (!isMapping(schema)) return {};
  const { required: _, properties, items, additionalProperties, ...rest } = schema;
  const open = (one: unknown) => ({ anyOf: [openToReferences(one), REFERENCE] });
  return {
    ...rest,
    ...(isMapping(properties)
      ? {
        properties: Object.fromEntries(
          Object.entries(properties).map(([key, one]) => [key, describedOutside(one, open(one))]),
        ),
      }
      : {}),
    ...(items === undefined ? {} : { items: open(items) }),
    ...(isMapping(additionalProperties)
      ? { additionalProperties: open(additionalProperties) }
      : additionalProperties === undefined
      ? {}
      : { additionalProperties }),
    ...alternatives(rest),
  };
}

function alternatives(schema: Json): Json {
  const keys = ["anyOf", "oneOf", "allOf"].filter((key) => Array.isArray(schema[key]));
  return Object.fromEntries(keys.map((key) => {
    const list = schema[key];
    return [key, Array.isArray(list) ? list.map(openToReferences) : list];
  }));
}

/** Editors show the description and default of the outermost schema. */
function describedOutside(schema: unknown, around: Json): Json {
  if (!isMapping(schema)) return around;
  const { description, default: value } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...(value === undefined ? {} : { default: value }),
    ...around,
  };
}

function inputsSchema(contract: StageContract): Json {
  const properties = Object.entries(contract.inputs).map(([name, { kinds, optional, many }]) => [
    name,
    {
      description: [either(kinds), many && "any number", optional && "optional"].filter(Boolean)
        .join(", "),
    },
  ]);
  return {
    type: ["object", "null"],
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  };
}

/** A mapping inside a generated schema. */
function below(schema: Json, ...path: (string | number)[]): Json {
  let here: unknown = schema;
  for (const step of path) {
    here = isMapping(here) || Array.isArray(here) ? Reflect.get(here, step) : undefined;
  }
  if (isMapping(here)) return here;
  throw new Error(`Cannot find ${path.join(".")} in the generated schema`);
}
