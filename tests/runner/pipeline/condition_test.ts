/**
 * What conditions say.
 *
 * @module
 */
import assert from "node:assert/strict";
import { holds } from "../../../runner/pipeline/condition.ts";
import { Mistakes } from "../../../runner/pipeline/mistakes.ts";

const VALUES: Record<string, unknown> = {
  "params.source": "embedded",
  "params.scale": 4,
  "params.on": true,
  "params.off": false,
  "params.path": null,
  "params.empty": "",
  "params.list": [1, 2],
  "params.none": [],
  "params.mapping": { a: null },
  "params.nothing": {},
};

async function check(condition: string): Promise<boolean> {
  const mistakes = new Mistakes();
  const result = await holds(condition, ["when"], (name) => VALUES[name], mistakes);
  assert.equal(mistakes.count, 0, condition);
  return result;
}

const TRUE = [
  "${params.source} == embedded",
  "${params.source}==embedded",
  "${params.source} == 'embedded'",
  '"${params.source} x" == "embedded x"',
  "${params.source} != folder",
  "${params.scale} == 4",
  "${params.scale} == 4.0",
  "${params.scale} != '4'",
  "${params.path} == null",
  "${params.path} == ~",
  "${params.on}",
  "${params.on} == true",
  "!${params.off}",
  "${params.list}",
  "${params.mapping}",
  "${params.source} == a=b || true",
  "${params.off} && ${params.off} || ${params.on}",
  "${params.on} || ${params.off} && ${params.off}",
  "!(${params.on} && ${params.off})",
  "word",
  "1",
];

const FALSE = [
  "${params.source} == folder",
  "${params.source} != embedded",
  "${params.scale} == 8",
  "${params.scale} == '4'",
  "${params.off}",
  "${params.path}",
  "${params.empty}",
  "${params.none}",
  "${params.nothing}",
  "(${params.on} || ${params.off}) && ${params.off}",
  "!${params.on}",
  "${params.path} == ''",
  "0",
  "false",
  "null",
];

for (const condition of TRUE) {
  Deno.test(`${condition} holds`, async () => assert.equal(await check(condition), true));
}
for (const condition of FALSE) {
  Deno.test(`${condition} does not hold`, async () => assert.equal(await check(condition), false));
}

for (const condition of ["", "a b", "== 1", "1 ==", "(1", "1)", "a = b", "a && ", "a & b", "'a"]) {
  Deno.test(`"${condition}" is no condition`, async () => {
    const mistakes = new Mistakes();
    await holds(condition, ["when"], () => undefined, mistakes);
    assert.equal(mistakes.count, 1);
  });
}
