/**
 * Real checkpoints, which are not part of the project: `WEIGHTS_FIXTURES` names a folder with a
 * `MANIFEST.json` that says what each file holds.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { openWeights } from "../../../ml/weights/open_weights.ts";

const manifest = z.record(
  z.string(),
  z.object({
    format: z.string(),
    sha256: z.string(),
    metadata: z.record(z.string(), z.string()).default({}),
    tensors: z.record(
      z.string(),
      z.object({ dtype: z.string(), shape: z.array(z.int()), sha256: z.string() }),
    ),
  }),
);

/** Safetensors' names of types. */
const TYPES: Record<string, string> = { F32: "float32", I64: "int64" };

const folder = Deno.env.get("WEIGHTS_FIXTURES");

if (folder === undefined) {
  Deno.test({
    name: "real checkpoints (WEIGHTS_FIXTURES names no folder of them)",
    ignore: true,
    fn: () => {},
  });
} else {
  const files = manifest.parse(JSON.parse(Deno.readTextFileSync(join(folder, "MANIFEST.json"))));
  for (const [name, { format, sha256, metadata, tensors }] of Object.entries(files)) {
    Deno.test(`${name} is read as its manifest says`, async () => {
      const file = join(folder, name);
      assert.equal(digest(await Deno.readFile(file)), sha256);
      if (format === "invalid") {
        await assert.rejects(openWeights(file), { name: "InputError" });
        return;
      }
      const opened = await openWeights(file);
      assert.equal(opened.format, format);
      assert.deepEqual(opened.metadata, metadata);
      const found: typeof tensors = {};
      for (const { path, dtype, shape, readBytes, read } of opened.tensors) {
        found[path.join("/")] = { dtype, shape, sha256: digest(await readBytes()) };
        assert.equal((await read()).length, shape.reduce((a, b) => a * b, 1));
      }
      const expected = Object.entries(tensors).map(([path, { dtype, ...rest }]) => [
        path,
        { ...rest, dtype: TYPES[dtype] ?? dtype },
      ]);
      assert.deepEqual(found, Object.fromEntries(expected));
    });
  }
}

function digest(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
