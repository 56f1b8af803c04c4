import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, digestBytes, digestFile } from "../../../runner/store/digest.ts";
import { testFolder } from "../../helpers/folder.ts";

Deno.test("digestBytes() is SHA-256", () => {
  assert.equal(
    digestBytes("abc"),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("digestFile() reads files larger than its buffer whole", () => {
  const bytes = new Uint8Array(3 * 1024 * 1024 + 5).map((_, i) => i * 31);
  using temp = testFolder({ big: bytes, empty: "" });
  assert.deepEqual(digestFile(`${temp.path}/big`), {
    digest: digestBytes(bytes),
    size: bytes.length,
  });
  assert.deepEqual(digestFile(`${temp.path}/empty`), { digest: digestBytes(""), size: 0 });
});

Deno.test("canonicalJson() sorts keys at every depth and leaves out undefined", () => {
  assert.equal(
    canonicalJson({ b: [{ d: 1, c: null }], a: "ä\n", u: undefined }),
    '{"a":"ä\\n","b":[{"c":null,"d":1}]}',
  );
});

Deno.test("canonicalJson() refuses what JSON would change", () => {
  for (const value of [NaN, Infinity, 1n, () => 1, new Date(0), new Map(), [undefined]]) {
    assert.throws(() => canonicalJson(value), TypeError);
  }
});

Deno.test("canonicalJson() reads back as the value, whatever the order of its keys", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const normal: unknown = JSON.parse(JSON.stringify(value));
    assert.deepEqual(JSON.parse(canonicalJson(normal)), normal);
    assert.equal(canonicalJson(reversed(normal)), canonicalJson(normal));
  }));
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([key, inner]) => [key, reversed(inner)]),
  );
}
