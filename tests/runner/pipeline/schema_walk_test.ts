/**
 * What schemas say of parameters, under whatever wrappers.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { expandPath, keysAt, metaIn } from "../../../runner/pipeline/schema_walk.ts";
import { externalPath, moduleIn } from "../../../runner/stage.ts";

Deno.test("a module's folder is known through every wrapper", () => {
  const folder = () => moduleIn("models/sr");
  const schemas: z.ZodType[] = [
    folder(),
    folder().describe("Network"),
    folder().optional(),
    folder().describe("Network").default("edsr"),
    folder().nullable(),
    folder().nullish().describe("Network"),
    folder().min(2).max(20).regex(/^\w+$/),
    folder().prefault("edsr"),
    folder().catch("edsr"),
    folder().readonly(),
    folder().meta({ title: "Network" }),
    folder().transform((word) => word.trim()),
    z.lazy(() => folder()),
  ];
  for (const [i, schema] of schemas.entries()) {
    assert.deepEqual(
      metaIn(z.strictObject({ network: schema, network_options: z.unknown() })),
      [{
        path: ["network"],
        meta: { moduleIn: "models/sr" },
        siblings: ["network", "network_options"],
      }],
      `schema ${i}`,
    );
  }
});

Deno.test("paths and modules are found at any depth", () => {
  const schema = z.strictObject({
    train: z.strictObject({ images: externalPath() }).optional(),
    more: z.array(externalPath()).default([]),
    named: z.record(z.string(), z.strictObject({ file: externalPath() })),
    either: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("a"), path: externalPath() }),
      z.strictObject({ kind: z.literal("b") }),
    ]),
    pair: z.tuple([z.number(), externalPath()]),
  });
  assert.deepEqual(metaIn(schema).map(({ path }) => path), [
    ["train", "images"],
    ["more", undefined],
    ["named", undefined, "file"],
    ["either", "path"],
    ["pair", 1],
  ]);
});

Deno.test("a schema that holds itself is walked once", () => {
  interface Tree {
    file: string;
    parts: Tree[];
  }
  const tree: z.ZodType<Tree> = z.lazy(() =>
    z.strictObject({ file: externalPath(), parts: z.array(tree) })
  );
  assert.deepEqual(metaIn(tree)[0].path, ["file"]);
});

Deno.test("expandPath() goes to every value that is there", () => {
  const value = { a: [{ b: 1 }, { b: 2 }], c: { x: { b: 3 } } };
  assert.deepEqual(expandPath(value, ["a", undefined, "b"]), [["a", 0, "b"], ["a", 1, "b"]]);
  assert.deepEqual(expandPath(value, ["c", undefined, "b"]), [["c", "x", "b"]]);
  assert.deepEqual(expandPath(value, ["nothing", undefined, "b"]), []);
});

Deno.test("keysAt() lists the keys of a mapping inside wrappers and lists", () => {
  const schema = z.strictObject({
    layers: z.array(z.strictObject({ size: z.int(), kind: z.string() }).optional()).default([]),
    free: z.record(z.string(), z.number()),
  });
  assert.deepEqual(keysAt(schema, []), ["layers", "free"]);
  assert.deepEqual(keysAt(schema, ["layers", 3]), ["size", "kind"]);
  assert.deepEqual(keysAt(schema, ["free"]), []);
});
