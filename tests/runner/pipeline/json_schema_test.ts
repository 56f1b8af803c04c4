/**
 * The JSON Schema that editors use.
 *
 * @module
 */
import assert from "node:assert/strict";
import { formatDiagnostics, UserError } from "../../../runner/diagnostic.ts";
import { pipelineSchema } from "../../../runner/pipeline/json_schema.ts";
import { showPath } from "../../../runner/pipeline/source.ts";
import { valueAt } from "../../../runner/pipeline/schema_walk.ts";
import { CONTRACT, project } from "./project.ts";

const REFERENCE = { type: "string", pattern: "\\$\\{" };
const STAGE = ["properties", "stages", "anyOf", 0, "additionalProperties"];

Deno.test("the schema knows the sections of a file and refuses others", async () => {
  await using dir = await project("");
  const schema = await pipelineSchema(dir.root);
  const sections = Object.keys(Object(valueAt(schema, ["properties"])));
  assert.deepEqual(
    sections,
    ["description", "extends", "params", "profiles", "include", "slots", "stages"],
  );
  assert.equal(valueAt(schema, ["additionalProperties"]), false);
  assert.equal(valueAt(schema, [...STAGE, "additionalProperties"]), false);
});

Deno.test("the schema lists all stages with what they do", async () => {
  await using dir = await project("");
  const schema = await pipelineSchema(dir.root);
  assert.deepEqual(valueAt(schema, [...STAGE, "properties", "uses", "anyOf"]), [
    { const: "compare", description: "Compare results" },
    { const: "make_lr", description: "Shrink pictures" },
    { const: "source", description: "Take pictures from a folder, or make some" },
    { const: "train", description: "Train a network" },
    REFERENCE,
  ]);
});

Deno.test("the schema checks the parameters and inputs of the stage that is used", async () => {
  await using dir = await project("");
  const schema = await pipelineSchema(dir.root);
  assert.deepEqual(valueAt(schema, [...STAGE, "allOf", 1]), {
    if: { properties: { uses: { const: "make_lr" } }, required: ["uses"] },
    then: {
      properties: {
        with: {
          anyOf: [
            {
              type: "object",
              properties: {
                scale: {
                  description: "Factor",
                  default: 4,
                  anyOf: [
                    { description: "Factor", default: 4, type: "number", enum: [4, 8] },
                    REFERENCE,
                  ],
                },
              },
              additionalProperties: false,
            },
            { type: "null" },
            REFERENCE,
          ],
        },
        inputs: {
          type: ["object", "null"],
          properties: { hr: { description: "images" } },
          additionalProperties: false,
        },
      },
    },
  });
});

Deno.test("the schema lists the modules that a parameter chooses from", async () => {
  await using dir = await project("");
  const schema = await pipelineSchema(dir.root);
  const train = [...STAGE, "allOf", 3, "then", "properties"];
  assert.deepEqual(valueAt(schema, [...train, "with", "anyOf", 0, "properties", "network"]), {
    description: "Network",
    anyOf: [
      { description: "Network", type: "string", enum: ["edsr", "swinir"] },
      REFERENCE,
    ],
  });
  assert.deepEqual(valueAt(schema, [...train, "inputs", "properties"]), {
    images: { description: "images or crops" },
    init: { description: "weights, optional" },
  });
});

Deno.test("a stage that cannot be loaded is named", async () => {
  await using dir = await project({ "stages/broken.ts": "throw new Error('no luck');" });
  const error = await pipelineSchema(dir.root).catch((reason: unknown) => reason);
  assert.ok(error instanceof UserError);
  assert.equal(
    formatDiagnostics(error).replaceAll(`${showPath(dir.root)}/`, ""),
    "error: cannot load stages/broken.ts\n  no luck\n",
  );
});

Deno.test("the schema describes kinds that depend on a param, and families of kinds", async () => {
  await using dir = await project({
    "stages/learn.ts": `${CONTRACT}
export default defineStage({
  summary: "Learn a task",
  params: z.strictObject({ task: z.string() }),
  inputs: { data: artifact(["<task>_dataset", "images"]), all: many(artifact("*_dataset")) },
  outputs: {},
  async run() {},
});`,
  });
  const schema = await pipelineSchema(dir.root);
  const learn = [...STAGE, "allOf", 1, "then", "properties"];
  assert.deepEqual(valueAt(schema, [...learn, "inputs", "properties"]), {
    data: { description: "<task>_dataset or images" },
    all: { description: "*_dataset, any number" },
  });
});

Deno.test("the schema knows what an include says", async () => {
  await using dir = await project("");
  const schema = await pipelineSchema(dir.root);
  assert.deepEqual(valueAt(schema, ["properties", "include", "anyOf", 0, "additionalProperties"]), {
    type: "object",
    properties: {
      pipeline: { description: "The pipeline file, relative to this one", type: "string" },
      profile: { description: "One of its profiles", type: ["string", "null"] },
      params: {
        description: "Params to lay over the profile",
        anyOf: [
          { type: "object", propertyNames: { type: "string" }, additionalProperties: {} },
          { type: "null" },
        ],
      },
    },
    additionalProperties: false,
  });
});

Deno.test("the schema tells the lists of a zip from the axes of a matrix", async () => {
  await using dir = await project("");
  const schema = await pipelineSchema(dir.root);
  const matrix = [...STAGE, "properties", "matrix", "anyOf", 0];
  const axis = valueAt(schema, [...matrix, "additionalProperties"]);
  const zip = [...matrix, "properties", "zip"];
  assert.deepEqual(valueAt(axis, ["anyOf", 0, "type"]), "array");
  assert.deepEqual(valueAt(schema, [...zip, "anyOf", 0, "additionalProperties"]), axis);
  assert.deepEqual(valueAt(schema, [...zip, "anyOf", 1]), REFERENCE);
});
