import assert from "node:assert/strict";
import { UserError } from "../../../runner/diagnostic.ts";
import { AtomicFiles } from "../../../runner/store/files.ts";
import {
  checkTagName,
  readTag,
  readTags,
  removeTag,
  type Tag,
  tagNames,
  writeTag,
} from "../../../runner/store/tags.ts";
import { testFolder } from "../../helpers/folder.ts";

const CHILD = new URL("./tags_child.ts", import.meta.url).href;

function tagOf(name: string): Tag {
  return {
    format: 1,
    name,
    names: { key: "ab12", output: "made" },
    keys: ["ab12", "cd34"],
    taggedAt: "2026-01-02T03:04:05.000Z",
  };
}

/** What a mistake says, notes included. */
function mistake(step: () => void): string {
  try {
    step();
  } catch (error) {
    assert(error instanceof UserError, String(error));
    const [{ message, hint, notes = [] }] = error.diagnostics;
    return [message, hint, ...notes].filter((line) => line !== undefined).join("\n");
  }
  return "no mistake";
}

Deno.test("a tag has letters, digits, . _ and -, and is mistaken for nothing else", () => {
  for (const name of ["paper-v1", "v1.0", "A_b", "0", "lasting", "bad-cafe", "20261126x"]) {
    checkTagName(name);
  }
  const cannot = (name: string) => `"${name}" cannot be the name of a tag`;
  const note = "\na name has letters, digits, . _ and -, such as paper-v1";
  for (
    const name of ["", "a/b", ".", "..", "-n", "ä", "a b", "a:b", "a\n", "last~2", "x".repeat(101)]
  ) {
    assert.equal(mistake(() => checkTagName(name)), cannot(name) + note);
  }
  const others = {
    "last": "a past run",
    "20261126": "the id of a run",
    "20261126-2015": "the id of a run",
    "20261126-201530-k3f9": "the id of a run",
    "cafe": "a digest",
    "all": "all that is stored",
    "paper.yaml": "a pipeline file",
  };
  for (const [name, other] of Object.entries(others)) {
    assert.equal(
      mistake(() => checkTagName(name)),
      `${cannot(name)}: it looks like ${other}${note}`,
    );
  }
});

Deno.test("a tag is read as it was written, until it is taken away", () => {
  using temp = testFolder();
  const files = new AtomicFiles(`${temp.path}/tmp`);
  assert.deepEqual(readTags(temp.path), []);
  writeTag(temp.path, tagOf("b"), files);
  writeTag(temp.path, tagOf("a"), files);
  assert.deepEqual(readTags(temp.path), [tagOf("a"), tagOf("b")]);
  assert.equal(readTag(temp.path, "c"), undefined);
  assert.equal(readTag(temp.path, "../tags/a"), undefined);
  removeTag(temp.path, "a");
  assert.deepEqual(readTags(temp.path), [tagOf("b")]);
});

Deno.test("a name that is taken, and one that is not, are mistakes", () => {
  using temp = testFolder();
  assert.equal(
    mistake(() => removeTag(temp.path, "a")),
    'there is no tag "a"\nthere are no tags yet',
  );
  const files = new AtomicFiles(`${temp.path}/tmp`);
  writeTag(temp.path, tagOf("paper"), files);
  assert.equal(
    mistake(() => writeTag(temp.path, { ...tagOf("paper"), keys: [] }, files)),
    'there is a tag "paper" already\n' +
      "deno task cache untag paper takes it away; deno task cache tags shows all",
  );
  assert.deepEqual(readTag(temp.path, "paper"), tagOf("paper"));
  assert.equal(
    mistake(() => removeTag(temp.path, "papre")),
    'there is no tag "papre"\ndid you mean "paper"?\ntags: paper',
  );
});

Deno.test("a tag that is damaged is never taken for none", () => {
  using temp = testFolder();
  const files = new AtomicFiles(`${temp.path}/tmp`);
  writeTag(temp.path, tagOf("a"), files);
  const whole = Deno.readTextFileSync(`${temp.path}/tags/a`);
  for (const broken of ["", "null", whole.slice(0, -2), whole.replace("cd34", "cd35")]) {
    Deno.writeTextFileSync(`${temp.path}/tags/a`, broken);
    assert.match(mistake(() => readTags(temp.path)), /^Cannot read the tag "a"/);
  }
  removeTag(temp.path, "a");
  assert.deepEqual(readTags(temp.path), []);
});

Deno.test("killed before any change to the disk, there is the whole tag or none", async () => {
  const found = new Set<number>();
  let survived = false;
  for (let step = 0; !survived; step++) {
    using temp = testFolder();
    const { code, signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", CHILD, temp.path, JSON.stringify(tagOf("a")), `${step}`],
      stderr: "inherit",
    }).output();
    survived = code === 0;
    assert(survived || signal === "SIGKILL", `step ${step}: ${code} ${signal}`);
    const tags = readTags(temp.path);
    found.add(tags.length);
    if (tags.length > 0) assert.deepEqual(tags, [tagOf("a")]);
    assert.deepEqual(tagNames(temp.path), tags.map(({ name }) => name));
  }
  assert.deepEqual([...found], [0, 1]);
});
