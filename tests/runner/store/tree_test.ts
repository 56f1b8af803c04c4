import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, digestBytes, digestPieces } from "../../../runner/store/digest.ts";
import { FileList } from "../../../runner/store/file_list.ts";
import {
  decodeTree,
  encodeTree,
  scanTree,
  type TreeFile,
  treePieces,
} from "../../../runner/store/tree.ts";

/** Names that look like the text of a tree. */
const AWKWARD = [
  `},{"digest":"`,
  `],"files":[`,
  `],"kind":"tree"}`,
  "a\\",
  "\n",
  "ü\u{1f600}",
  '"',
  "a},{",
  "a],",
];

const name = fc.oneof(
  fc.string({ minLength: 1, unit: "binary" }),
  fc.constantFrom(...AWKWARD),
  fc.tuple(fc.constantFrom(...AWKWARD), fc.string()).map((parts) => parts.join("")),
);
const digest = fc.string().map(digestBytes);
const folder = fc.record({
  files: fc.uniqueArray(
    fc.record({ path: name, digest, size: fc.nat() }, { requiredKeys: ["path", "digest", "size"] })
      .chain((file) => fc.boolean().map((x): TreeFile => x ? { ...file, executable: true } : file)),
    { selector: ({ path }) => path, maxLength: 30 },
  ),
  emptyFolders: fc.uniqueArray(name),
});

function inOrder(texts: string[]): string[] {
  return [...texts].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
}

Deno.test("a tree is canonical JSON, whether it is made whole, in pieces or from a list", () => {
  fc.assert(fc.property(folder, ({ files, emptyFolders }) => {
    const paths = inOrder(files.map(({ path }) => path));
    const sorted = paths.map((path) => files.find((file) => file.path === path));
    const text = canonicalJson({
      kind: "tree",
      files: sorted,
      emptyFolders: inOrder(emptyFolders),
    });
    assert.equal(encodeTree(files, emptyFolders), text);
    const list = new FileList();
    for (const { path, digest, size, executable } of files) {
      list.add(path, digest, [size], executable);
    }
    assert.equal(digestPieces(treePieces(list.sorted(), emptyFolders)), digestBytes(text));
  }));
});

Deno.test("a long tree that is scanned has the files and folders of one that is decoded", () => {
  // Longer than what is read at once, several times.
  const many = Array.from({ length: 3000 }, (_, i): TreeFile => ({
    path: `folder/${i}`,
    digest: digestBytes(String(i)),
    size: i,
  }));
  fc.assert(
    fc.property(folder, ({ files, emptyFolders }) => {
      const text = encodeTree([...many, ...files], emptyFolders);
      const tree = decodeTree(text);
      const scanned = scanTree(new TextEncoder().encode(text));
      assert.deepEqual(scanned.emptyFolders, tree.emptyFolders);
      assert.deepEqual([...scanned.files()], tree.files);
      assert.deepEqual([...scanned.files()], tree.files); // and again
    }),
    { numRuns: 20 },
  );
});

Deno.test("what is no tree cannot be scanned", () => {
  const text = JSON.stringify({ kind: "wood", files: [], more: "x".repeat(100_000) });
  for (const wrong of [text, `{"emptyFolders":[]}`]) {
    assert.throws(() => scanTree(new TextEncoder().encode(wrong)), { name: "SyntaxError" });
  }
});
