/**
 * VOC's XML to COCO's JSON.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { InputError } from "../../ml/image/input_error.ts";
import { parseVoc, vocToCoco } from "../../ml/data/formats/voc.ts";
import { entries, type Fixture } from "./harness.ts";

const inputs = z.object({
  labels: z.array(z.string()),
  ids: z.array(z.string()).nonempty(),
  files: z.record(z.string(), z.string()),
  bad_files: z.record(z.string(), z.string()).default({}),
});

/** Compares `convert/voc2coco*`: everything is exact, the order of keys included. */
export default function convert(fixture: Fixture): void {
  const { labels, ids, files, bad_files } = inputs.parse(fixture.inputs);
  const read = (texts: Record<string, string>, names: string[]) =>
    names.map((name) => parseVoc(texts[name], name));
  const records = read(files, ids.map((id) => `${id}.xml`));
  for (const [name, expected] of entries(fixture.expected)) {
    const numericIds = numeric(name);
    assert.equal(
      JSON.stringify(vocToCoco(records, { labels, numericIds }), null, 1),
      JSON.stringify(expected, null, 1),
      name,
    );
  }
  for (const [name, verdict] of entries(fixture.expected_of_bad_files ?? {})) {
    assert.equal(verdict, "refused", name);
    assert.throws(() => vocToCoco(read(bad_files, [name]), { labels }), InputError, name);
  }
}

function numeric(name: string): boolean {
  if (name === "as_sr4ir_runs_it") return false;
  if (name === "extract_num_from_imgid") return true;
  throw new RangeError(`Nothing converts in the way called "${name}"`);
}
