/**
 * `pipelines/sr_folder.yaml`: what it takes from the command line, and one small run of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pngBytes } from "../../ml/image/codec.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import { loadPipeline } from "../../runner/pipeline/load.ts";
import { copyOfProject } from "../helpers/project_copy.ts";

const ROOT = join(import.meta.dirname ?? ".", "../..");

/** Folders that are there; they are only looked at. */
const TRAIN = "data.train=docs/images", VAL = "data.val=docs", MORE = "data.more.set5=ml/image";

async function load(sets: string[], profile = "default") {
  const file = join(ROOT, "pipelines/sr_folder.yaml");
  const { stages } = await loadPipeline({ file, root: ROOT, profile, sets });
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  return {
    ids: [...byId.keys()].sort(),
    params: (id: string) => byId.get(id)?.params ?? {},
    from: (id: string, input: string) => byId.get(id)?.inputs[input].map(({ id }) => id),
  };
}

Deno.test("without folders it trains and measures on drawn pictures", async () => {
  const { ids, from } = await load([]);
  assert.deepEqual(ids, [
    ...["bicubic/2", "bicubic/4", "compare", "embedded"],
    ...["evaluate/2/edsr_light", "evaluate/4/edsr_light", "sr/2/edsr_light", "sr/4/edsr_light"],
  ]);
  assert.deepEqual(from("sr/2/edsr_light", "images"), ["embedded"]);
  assert.deepEqual(from("evaluate/2/edsr_light", "images"), ["embedded"]);
  assert.deepEqual(from("evaluate/2/edsr_light", "sr"), ["sr/2/edsr_light"]);
});

Deno.test("who trains on a folder is measured on folders alone, by name", async () => {
  const scale = "scales=[2]";
  const { ids, from, params } = await load([TRAIN, VAL, MORE, scale]);
  assert.deepEqual(ids, [
    ...["bicubic/2", "bicubic_more/set5/2", "compare", "evaluate/2/edsr_light"],
    ...["evaluate_more/set5/2/edsr_light", "more/set5", "sr/2/edsr_light", "train_pictures", "val"],
  ]);
  assert.deepEqual(from("sr/2/edsr_light", "images"), ["train_pictures"]);
  assert.deepEqual(from("evaluate_more/set5/2/edsr_light", "images"), ["more/set5"]);
  assert.equal(params("evaluate_more/set5/2/edsr_light").set, "set5");
  assert.equal(from("compare", "metrics")?.length, 4);

  const only = await load([TRAIN, MORE, scale]);
  assert.deepEqual(only.from("compare", "metrics"), [
    "bicubic_more/set5/2",
    "evaluate_more/set5/2/edsr_light",
  ]);
  assert.deepEqual((await load([TRAIN, scale])).ids, ["sr/2/edsr_light", "train_pictures"]);
});

Deno.test("training and measuring share degradation, network and scale", async () => {
  const sets = [TRAIN, VAL, "sr.networks=[edsr]", "sr.options.blocks=3"];
  const { params } = await load(sets, "photos");
  for (const scale of [2, 4]) {
    const [trained, measured] = [params(`sr/${scale}/edsr`), params(`evaluate/${scale}/edsr`)];
    for (const name of ["scale", "degradation", "network", "network_options"]) {
      assert.deepEqual(measured[name], trained[name], name);
    }
    assert.equal(trained.degradation, "matlab");
    assert.equal(params(`bicubic/${scale}`).degradation, "matlab");
    assert.equal(trained.crop, { 2: 48, 4: 96 }[scale]);
    assert.equal(trained.turn, true);
  }
});

Deno.test({
  name: "a folder of pictures becomes a table and a page",
  sanitizeResources: false,
  fn: async () => {
    await using project = await copyOfProject(ROOT);
    for (const [i, name] of ["train/a", "train/b", "train/c", "other/d"].entries()) {
      const picture = blankPicture(64, 56);
      picture.data.forEach((_, at) => picture.data[at] = (at * (i + 3) + (at >> 6) * 11) % 251);
      await project.write(`mine/${name}.png`, await pngBytes(picture));
    }
    const sets = ["data.train=mine/train", "data.more.other=mine/other"];
    const small = ["scales=[2]", "sr.batch_size=2", "sr.epochs=1", "sr.repeat=2", "sr.turn=true"];
    const said = await project.say([
      ...["run", "pipelines/sr_folder.yaml"],
      ...[...sets, ...small, "degradation=matlab"].flatMap((set) => ["--set", set]),
    ]);
    const table = said.slice(said.indexOf("Enlarged pictures against their originals"));
    const rows = [...table.matchAll(/^ *other +x2 +(\w+) +(\d+\.\d+)/gm)];
    assert.deepEqual(rows.map(([, method]) => method), ["bicubic", "edsr_light"], said);
    const page = said.match(/\S*report\.html/)?.[0] ?? "";
    const text = await Deno.readTextFile(project.path(page));
    assert.match(text, /<h2>other, ×2<\/h2>/);
    assert.equal(text.split('class="frame"').length - 1, 4);
  },
});
