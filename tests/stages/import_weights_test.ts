import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as edsr from "../../models/sr/edsr.ts";
import { ARCHIVE } from "../../ml/data/archive.ts";
import { readSafetensors, writeSafetensors } from "../../ml/weights/safetensors.ts";
import { writeStateDict } from "../../ml/weights/write_torch/state_dict.ts";
import stage from "../../stages/import_weights.ts";
import { respond, server } from "../ml/data/http_server.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { declaredBy, filled } from "../ml/weights/import/filled.ts";
import { fakeContext } from "./fake_context.ts";

const OPTIONS = { scale: 2, blocks: 1, channels: 2 };
const TENSORS = filled(await declaredBy(edsr, OPTIONS));
const NETWORK = {
  part: "sr",
  network: "sr/edsr",
  network_options: edsr.options.parse(OPTIONS),
  strict: true,
};

/** A checkpoint's file and its bytes. */
async function checkpoint(folder: string) {
  const file = `${folder}/EDSR.pt`;
  await writeStateDict(file, TENSORS);
  const body = await Deno.readFile(file);
  return { file, body, sha256: createHash("sha256").update(body).digest("hex") };
}

async function run(folder: string, params: Record<string, unknown>, from?: string) {
  const { told, context } = await fakeContext(folder, (at) => ({ weights: at("weights") }));
  const parsed = stage.params.parse(params);
  await stage.run({ ...context, inputs: { from }, params: parsed });
  const { weights } = context.outputs;
  const { tensors } = await readSafetensors(`${weights}/${parsed.part}.safetensors`);
  const json = await Deno.readTextFile(`${weights}/import.json`).catch(() => "null");
  return { told, hosts: stage.net?.(parsed), tensors, description: JSON.parse(json) };
}

Deno.test("a file becomes weights under this project's names, with what is known of them", async () => {
  await using dir = await temporaryFolder();
  const { file } = await checkpoint(dir.path);
  const { tensors, description, hosts, told } = await run(dir.path, { ...NETWORK, file });
  assert.deepEqual(tensors, TENSORS);
  assert.deepEqual(hosts, []);
  assert.equal(told.log[0], "sr/edsr: 14 of 14 tensors taken");
  const { report, ...rest } = description;
  const { part, network, network_options } = NETWORK;
  assert.deepEqual(rest, { part, network, options: network_options });
  assert.deepEqual(report.counts, {
    matched: 14,
    renamed: 0,
    other_classes: 0,
    wrong_shape: 0,
    fixed: 2,
    different: 0,
    missing: 0,
    unexpected: 0,
    ignored: 0,
  });
  assert.deepEqual(
    report.matched,
    TENSORS.map(({ name }) => name).filter((name) => !/mean.weight/.test(name)),
  );
});

Deno.test("the scale is given beside the options, as in training", async () => {
  await using dir = await temporaryFolder();
  const { file } = await checkpoint(dir.path);
  const network_options = edsr.options.parse({ ...OPTIONS, scale: 8 });
  const { description } = await run(dir.path, { ...NETWORK, network_options, scale: 2, file });
  assert.equal(description.options.scale, 2);
});

Deno.test("a download goes on where the line broke, and is held against its digest", async () => {
  await using dir = await temporaryFolder();
  const { body, sha256 } = await checkpoint(dir.path);
  await using http = server([
    respond({ body, cut: 1000, etag: '"a"' }),
    respond({ body, ranges: true }),
  ]);
  const { tensors, hosts, told } = await run(dir.path, { ...NETWORK, url: http.url, sha256 });
  assert.deepEqual(tensors, TENSORS);
  assert.deepEqual(hosts, [new URL(http.url).host]);
  assert.deepEqual(told.progress, [body.length, body.length]);
});

Deno.test("the first digits of the digest are enough; others are refused, and the file goes", async () => {
  await using dir = await temporaryFolder();
  const { body, sha256 } = await checkpoint(dir.path);
  await using http = server([respond({ body }), respond({ body })]);
  const wrong = { ...NETWORK, url: http.url, sha256: "0123456789" };
  await assert.rejects(run(dir.path, wrong), {
    name: "InputError",
    message: `Cannot use ${http.url}: expected sha256 0123456789, found ${sha256}; ` +
      "it is another file, or damaged",
  });
  const right = { ...wrong, sha256: sha256.slice(0, 8).toUpperCase() };
  assert.deepEqual((await run(dir.path, right)).tensors, TENSORS);
});

Deno.test("a file on this machine is held against a digest too, and stays", async () => {
  await using dir = await temporaryFolder();
  const { file, sha256 } = await checkpoint(dir.path);
  assert.deepEqual((await run(dir.path, { ...NETWORK, file, sha256 })).tensors, TENSORS);
  await assert.rejects(run(dir.path, { ...NETWORK, file, sha256: "00000000" }), {
    name: "InputError",
    message: new RegExp(`^Cannot use ${file}: expected sha256 00000000, found ${sha256};`),
  });
  assert.ok((await Deno.stat(file)).isFile);
});

Deno.test("another stage's archive, or its weights of the part, are taken", async () => {
  await using dir = await temporaryFolder();
  const { file } = await checkpoint(dir.path);
  const archive = `${dir.path}/archive`;
  await Deno.mkdir(archive);
  await Deno.copyFile(file, `${archive}/${ARCHIVE}`);
  assert.deepEqual((await run(dir.path, NETWORK, archive)).tensors, TENSORS);

  const model = `${dir.path}/model`;
  await Deno.mkdir(model);
  await writeSafetensors(`${model}/sr.safetensors`, TENSORS);
  await Deno.writeTextFile(`${model}/model.json`, "{}");
  assert.deepEqual((await run(dir.path, NETWORK, model)).tensors, TENSORS);
  await assert.rejects(run(dir.path, { ...NETWORK, part: "task" }, model), {
    name: "InputError",
    message: 'Cannot import weights of "task" from another stage: its output has ' +
      "model.json, sr.safetensors",
  });
});

Deno.test("without a network a .safetensors file is taken as it is", async () => {
  await using dir = await temporaryFolder();
  const file = `${dir.path}/any.safetensors`;
  await writeSafetensors(file, TENSORS);
  const { tensors, description } = await run(dir.path, { part: "task", file });
  assert.deepEqual(tensors, TENSORS);
  assert.equal(description, null);
});

Deno.test("exactly one place to import from is asked for, and what a download needs", async () => {
  await using dir = await temporaryFolder();
  const { file } = await checkpoint(dir.path);
  const url = "http://127.0.0.1:9/EDSR.pt";
  const refused = async (params: Record<string, unknown>, message: string) =>
    await assert.rejects(run(dir.path, { ...NETWORK, ...params }), { name: "InputError", message });
  await refused(
    {},
    "Cannot import weights: expected one of file, url and the input from, found none",
  );
  await refused(
    { file, url, sha256: "01234567" },
    "Cannot import weights: expected one of file, url and the input from, found 2 of them",
  );
  await refused(
    { url },
    `Cannot import ${url}: expected sha256 beside it; PyTorch's file names end in its first ` +
      "digits, and `sha256sum FILE` shows that of a copy",
  );
  assert.equal(stage.params.safeParse({ part: "sr", file, sha256: "xyz" }).success, false);
});

Deno.test("a part of networks is no network", async () => {
  await using dir = await temporaryFolder();
  const { file } = await checkpoint(dir.path);
  await assert.rejects(run(dir.path, { part: "sr", file, network: "sr/parts/windows" }), {
    name: "StageError",
    message: "Cannot import into sr/parts/windows: models/sr/parts/windows.ts is a part of " +
      "networks, not one; choose a file that exports build",
  });
});
