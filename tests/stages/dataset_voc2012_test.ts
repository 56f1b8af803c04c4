import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pack } from "tar-stream";
import { readDetectionDataset } from "../../ml/data/detection_dataset.ts";
import { pngBytes } from "../../ml/image/codec.ts";
import { blankPicture } from "../../ml/image/picture.ts";
import stage from "../../stages/dataset_voc2012.ts";
import { respond, server } from "../ml/data/http_server.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";

const annotation = (name: string) =>
  `<annotation><filename>${name}.jpg</filename><size><width>20</width><height>10</height></size>` +
  "<object><name>dog</name><difficult>1</difficult><bndbox><xmin>1</xmin><ymin>1</ymin>" +
  "<xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>";

async function archive(): Promise<Uint8Array> {
  const picture = await pngBytes(blankPicture(20, 10));
  const packer = pack();
  const put = (name: string, content: string | Uint8Array) =>
    packer.entry(
      { name: `VOCdevkit/VOC2012/${name}` },
      typeof content === "string" ? content : Uint8Array.from(content),
    );
  for (const name of ["2008_1", "2008_2"]) {
    put(`Annotations/${name}.xml`, annotation(name));
    put(`JPEGImages/${name}.jpg`, picture);
  }
  put("ImageSets/Main/train.txt", "2008_1\n");
  put("ImageSets/Main/val.txt", "2008_2\n");
  put("SegmentationClass/2008_1.png", picture);
  packer.finalize();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of packer) {
    assert.ok(chunk instanceof Uint8Array);
    chunks.push(chunk.slice());
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

Deno.test("VOC 2012 is downloaded, unpacked and converted", async () => {
  const body = await archive();
  await using http = server([
    respond({ body, cut: 3000, etag: '"a"' }),
    respond({ body, ranges: true }),
  ]);
  await using dir = await temporaryFolder();
  const { context } = await fakeContext(
    dir.path,
    (at) => ({ train: at("train"), val: at("val") }),
  );
  const checksum = `md5:${createHash("md5").update(body).digest("hex")}`;
  const params = stage.params.parse({ url: http.url, checksum });
  assert.deepEqual(stage.net?.(params), [new URL(http.url).host]);
  await stage.run({ ...context, params });
  const train = await readDetectionDataset(context.outputs.train);
  assert.equal(train.classes.length, 21, "all twenty classes, also those that do not occur");
  assert.deepEqual(train.samples.map(({ id, labels }) => [id, [...labels]]), [["2008_1", [12]]]);
  assert.deepEqual([...train.samples[0].boxes], [0, 0, 9, 9]);
  assert.deepEqual([...Deno.readDirSync(context.scratch)], [], "nothing is left behind");
});

Deno.test("the official address is the default, checked by the known md5", () => {
  const params = stage.params.parse({});
  assert.deepEqual(stage.net?.(params), ["host.robots.ox.ac.uk"]);
  assert.equal(params.checksum, "md5:6cd6e144f989b92b3379bac3b3de84fd");
});
