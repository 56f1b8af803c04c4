import assert from "node:assert/strict";
import * as fasterRcnnLight from "../../../../models/detection/faster_rcnn_light.ts";
import * as edsr from "../../../../models/sr/edsr.ts";
import * as swinir from "../../../../models/sr/swinir.ts";
import type { NamedTensor } from "../../../../ml/nn/params.ts";
import {
  importAsNamed,
  type ImportOptions,
  importWeights,
} from "../../../../ml/weights/import/import_weights.ts";
import { writeStateDict } from "../../../../ml/weights/write_torch/state_dict.ts";
import { temporaryFolder } from "../../data/temporary_folder.ts";
import { dict, raw, tensor, torchZip } from "../pickles.ts";
import { declaredBy, filled, into } from "./filled.ts";

const EDSR = { scale: 2, blocks: 1, channels: 2 };
const SWIN = { scale: 2, embed: 4, depths: [2], heads: [2], window: 2, image_size: 4 };

/** Imports a checkpoint of these tensors. */
async function imported(tensors: readonly NamedTensor[], options: ImportOptions) {
  await using dir = await temporaryFolder();
  const file = `${dir.path}/w.pth`;
  await writeStateDict(file, tensors);
  return await importWeights(file, options, "w.pth");
}

/** The lines that an import logs. */
async function logged(tensors: readonly NamedTensor[], options: ImportOptions) {
  const log: string[] = [];
  await imported(tensors, { ...options, log: (line) => log.push(line) });
  return log;
}

const without = (tensors: NamedTensor[], names: RegExp) =>
  tensors.filter(({ name }) => !names.test(name));
const renamed = (tensors: NamedTensor[], from: RegExp, to: string) =>
  tensors.map((one) => ({ ...one, name: one.name.replace(from, to) }));

Deno.test("weights under the network's names come out as they went in, in its order", async () => {
  const tensors = filled(await declaredBy(edsr, EDSR));
  const { tensors: found, report } = await imported(
    tensors.toReversed(),
    into("sr/edsr", edsr, EDSR),
  );
  assert.deepEqual(found, tensors);
  assert.deepEqual(report.fixed, ["add_mean.weight", "sub_mean.weight"]);
  assert.equal(report.counts.matched, tensors.length - 2);
});

Deno.test("module. before all names is taken off, and counters are nobody's loss", async () => {
  const tensors = filled(await declaredBy(edsr, EDSR));
  const wrapped = renamed(tensors, /^/, "module.");
  wrapped.push({ name: "module.bn.num_batches_tracked", shape: [], data: Float32Array.of(7) });
  const { tensors: found, report } = await imported(wrapped, into("sr/edsr", edsr, EDSR));
  assert.deepEqual(found, tensors);
  assert.deepEqual(report.ignored, ["bn.num_batches_tracked"]);
});

Deno.test("BasicSR's names of EDSR become the authors', and its colours follow from the options", async () => {
  const declared = await declaredBy(edsr, { ...EDSR, blocks: 16 });
  const tensors = filled(declared);
  const rules: [RegExp, string][] = [
    [/^head\.0\./, "conv_first."],
    [/^(body\.\d+)\.body\.0\./, "$1.conv1."],
    [/^(body\.\d+)\.body\.2\./, "$1.conv2."],
    [/^body\.16\./, "conv_after_body."],
    [/^tail\.0\./, "upsample."],
    [/^tail\.1\./, "conv_last."],
  ];
  const basicsr = rules.reduce(
    (list, [from, to]) => renamed(list, from, to),
    without(tensors, /_mean\./),
  );
  const { tensors: found, report } = await imported(
    basicsr,
    into("sr/edsr", edsr, { ...EDSR, blocks: 16 }),
  );
  assert.deepEqual(without(found, /_mean\./), without(tensors, /_mean\./));
  const own = found.find(({ name }) => name === "add_mean.bias")?.data;
  assert.deepEqual(own, Float32Array.from([0.4488, 0.4371, 0.4040], (m) => 255 * Math.fround(m)));
  assert.equal(report.counts.matched, 0);
  assert.deepEqual(report.renamed[0], {
    from: "conv_first.weight",
    to: "head.0.weight",
    family: "BasicSR's EDSR",
  });
});

Deno.test("SwinIR's index and masks are compared, not taken; masks of another size are no fault", async () => {
  const tensors = filled(await declaredBy(swinir, SWIN));
  const options = into("sr/swinir", swinir, SWIN);
  const { tensors: found, report } = await imported(tensors, options);
  assert.deepEqual(found, tensors);
  assert.equal(report.counts.fixed, 3);

  const larger = filled(await declaredBy(swinir, { ...SWIN, image_size: 8 }));
  assert.deepEqual((await imported(larger, options)).tensors, found);

  const other = tensors.map((one) =>
    one.name.endsWith("attn_mask") ? { ...one, data: one.data.map((n) => n - 1) } : one
  );
  await assert.rejects(imported(other, options), {
    name: "InputError",
    message: "Cannot import w.pth into sr/swinir: 1 other than the options say " +
      "(layers.0.residual_group.blocks.1.attn_mask); strict: false takes what fits",
  });
  assert.deepEqual(await logged(other, { ...options, strict: false }), [
    "sr/swinir: 42 of 42 tensors taken",
    "1 other than the network's options say: layers.0.residual_group.blocks.1.attn_mask",
    "2 that the network makes itself: " +
    [0, 1].map((i) => `layers.0.residual_group.blocks.${i}.attn.relative_position_index`)
      .join(", "),
  ]);
});

Deno.test("what does not fit is left out and said, with at most ten names a line", async () => {
  const small = filled(await declaredBy(edsr, EDSR));
  const tensors = without(small, /^head/);
  tensors.push({ name: "extra", shape: [1], data: Float32Array.of(1) });
  const options = into("sr/edsr", edsr, { ...EDSR, channels: 3 }, { strict: false });
  assert.deepEqual(await logged(tensors, options), [
    "sr/edsr: 3 of 14 tensors taken",
    "9 of another shape, left out: " + [
      "body.0.body.0.weight [2,2,3,3] for [3,3,3,3]",
      "body.0.body.0.bias [2] for [3]",
      "body.0.body.2.weight [2,2,3,3] for [3,3,3,3]",
      "body.0.body.2.bias [2] for [3]",
      "body.1.weight [2,2,3,3] for [3,3,3,3]",
      "body.1.bias [2] for [3]",
      "tail.0.0.weight [8,2,3,3] for [12,3,3,3]",
      "tail.0.0.bias [8] for [12]",
      "tail.1.weight [3,2,3,3] for [3,3,3,3]",
    ].join(", "),
    "2 missing, left to chance: head.0.weight, head.0.bias",
    "1 not of this network: extra",
    "2 that the network makes itself: sub_mean.weight, add_mean.weight",
  ]);
  const deep = into("sr/edsr", edsr, { ...EDSR, blocks: 4 }, { strict: false });
  const [, missing] = await logged(without(small, /^body/), deep);
  assert.match(missing, /^18 missing, left to chance: (\S+, ){9}\S+ and 8 more$/);
});

Deno.test("strict names the first of what does not fit, and the network that the names are of", async () => {
  const tensors = filled(await declaredBy(edsr, { ...EDSR, scale: 4 }));
  await assert.rejects(imported(tensors, into("sr/edsr", edsr, { ...EDSR, scale: 8 })), {
    name: "InputError",
    message: "Cannot import w.pth into sr/edsr: 2 missing (tail.0.4.weight, tail.0.4.bias); " +
      "its names are those of sr/edsr with scale: 4",
  });
  await assert.rejects(imported(tensors, into("sr/edsr", edsr, EDSR)), {
    message: "Cannot import w.pth into sr/edsr: 2 not of this network " +
      "(tail.0.2.weight, tail.0.2.bias); its names are those of sr/edsr with scale: 4",
  });
});

Deno.test("a file that has nothing for the network is refused, strict or not", async () => {
  const tensors = filled(await declaredBy(edsr, EDSR));
  await assert.rejects(
    imported(tensors, into("sr/swinir", swinir, SWIN, { strict: false })),
    {
      name: "InputError",
      message: "Cannot import w.pth into sr/swinir: none of its 16 tensors fits " +
        "(sub_mean.weight, sub_mean.bias, head.0.weight and 13 more), the network has " +
        "conv_first.weight, conv_first.bias, patch_embed.norm.weight and 39 more; " +
        "its names are those of sr/edsr with scale: 2",
    },
  );
});

Deno.test("last layers for other classes are left out, or decide the number of classes", async () => {
  const network = "detection/faster_rcnn_light";
  const five = filled(await declaredBy(fasterRcnnLight, { num_classes: 5 }));
  const options = into(network, fasterRcnnLight, { num_classes: 9 });
  await assert.rejects(imported(five, options), {
    message: `Cannot import w.pth into ${network}: 4 for another number of classes ` +
      "(roi_heads.box_predictor.cls_score.weight [5,128] for [9,128], " +
      "roi_heads.box_predictor.cls_score.bias [5] for [9], " +
      "roi_heads.box_predictor.bbox_pred.weight [20,128] for [36,128] and 1 more); " +
      "set num_classes in network_options, or classes: file; strict: false takes what fits",
  });
  const loose = await imported(five, { ...options, strict: false });
  assert.deepEqual(loose.tensors, without(five, /box_predictor/));
  assert.equal(loose.options.num_classes, 9);
  assert.equal(loose.report.counts.other_classes, 4);

  const whole = await imported(five, { ...options, classes: "file" });
  assert.deepEqual(whole.tensors, five);
  assert.equal(whole.options.num_classes, 5);
});

Deno.test("of several sets of weights the key takes one", async () => {
  await using dir = await temporaryFolder();
  const file = `${dir.path}/w.pth`;
  const bias = (key: string) => dict({ "head.0.bias": tensor({ key, count: 2 }, [2], [1]) });
  await Deno.writeFile(
    file,
    torchZip(dict({ params: bias("0"), params_ema: bias("1") }), {
      0: raw(Float32Array.of(1, 2)),
      1: raw(Float32Array.of(3, 4)),
    }),
  );
  const options = into("sr/edsr", edsr, EDSR, { strict: false, key: "params_ema" });
  const { tensors } = await importWeights(file, options);
  const trained = without(tensors, /_mean/);
  assert.deepEqual(trained, [{ name: "head.0.bias", shape: [2], data: Float32Array.of(3, 4) }]);
  await assert.rejects(importWeights(file, { ...options, key: null }, "w.pth"), {
    name: "InputError",
    message: /^Cannot take weights from w.pth: it holds several sets of weights; choose a part/,
  });
});

Deno.test("without a network all floats are taken under their own names", async () => {
  await using dir = await temporaryFolder();
  const file = `${dir.path}/w.pth`;
  const a = { name: "a.weight", shape: [2], data: Float32Array.of(1, 2) };
  const counter = { name: "b.num_batches_tracked", shape: [], data: Float32Array.of(3) };
  await writeStateDict(file, [a, counter]);
  const log: string[] = [];
  const options = { key: null, log: (line: string) => void log.push(line) };
  assert.deepEqual(await importAsNamed(file, options), [a]);
  assert.deepEqual(log, ["1 tensors, 2 numbers; 1 of integers left out"]);
  await writeStateDict(file, [counter]);
  await assert.rejects(importAsNamed(file, options, "w.pth"), {
    name: "InputError",
    message: "Cannot import w.pth: no tensor of it has floats",
  });
});
