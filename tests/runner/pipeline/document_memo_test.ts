import assert from "node:assert/strict";
import { readDocument } from "../../../runner/pipeline/document.ts";
import { documentMemo } from "../../../runner/pipeline/document_memo.ts";
import { Mistakes } from "../../../runner/pipeline/mistakes.ts";
import { testFolder } from "../../helpers/folder.ts";

/** A cache in memory that counts what is written. */
function memory() {
  const texts = new Map<string, string>();
  return {
    texts,
    readCache: (name: string) => texts.get(name),
    writeCache: (name: string, text: string) => void texts.set(name, text),
  };
}

const TEXT = `
params: { scale: 4, names: [a, b], none: null, open: {} }
stages:
  small: { uses: make_lr, with: { scale: "\${params.scale}" }, when: true }
`;

Deno.test("a file that is known is what it was when it was read", async () => {
  using temp = testFolder({ "a.yaml": TEXT, "b.yaml": `extends: a.yaml\nparams: { scale: 8 }\n` });
  const cache = memory();
  const memo = documentMemo(cache);
  const path = `${temp.path}/b.yaml`;
  const plain = await readDocument(path, new Mistakes());
  const first = await readDocument(path, new Mistakes(), undefined, memo);
  assert.equal(cache.texts.size, 2);
  const second = await readDocument(path, new Mistakes(), undefined, memo);
  assert.deepEqual(first?.file, plain?.file);
  assert.deepEqual(second?.file, plain?.file);
  assert.deepEqual(Object.keys(second?.file.params ?? {}), ["scale", "names", "none", "open"]);
  assert.deepEqual(
    second?.sources.map(({ value }) => value),
    plain?.sources.map(({ value }) => value),
  );

  // Proof that nothing was read again: a lie is believed.
  for (const [name, text] of cache.texts) {
    cache.texts.set(name, text.replace(`"scale":8`, `"scale":2`));
  }
  const lied = await readDocument(path, new Mistakes(), undefined, memo);
  assert.equal(lied?.file.params?.scale, 2);
});

Deno.test("a changed text is read again, whatever else is the same", async () => {
  using temp = testFolder({ "a.yaml": TEXT });
  const memo = documentMemo(memory());
  const read = () => readDocument(`${temp.path}/a.yaml`, new Mistakes(), undefined, memo);
  await read();
  temp.write({ "a.yaml": TEXT.replace("scale: 4", "scale: 2") });
  assert.equal((await read())?.file.params?.scale, 2);
});

Deno.test("a file with a mistake is not remembered, nor one that JSON cannot say", async () => {
  using temp = testFolder({
    "bad.yaml": "stages: { a: { use: b } }",
    "nan.yaml": "params: { x: .nan }",
  });
  const cache = memory();
  const memo = documentMemo(cache);
  const mistakes = new Mistakes();
  assert.equal(await readDocument(`${temp.path}/bad.yaml`, mistakes, undefined, memo), undefined);
  assert.equal(mistakes.count, 1);
  await readDocument(`${temp.path}/nan.yaml`, new Mistakes(), undefined, memo);
  assert.equal(cache.texts.size, 0);
});
