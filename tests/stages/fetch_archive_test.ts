import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import stage from "../../stages/fetch_archive.ts";
import { respond, server } from "../ml/data/http_server.ts";
import { temporaryFolder } from "../ml/data/temporary_folder.ts";
import { fakeContext } from "./fake_context.ts";
import { content } from "./folder_content.ts";

const BODY = Uint8Array.from({ length: 5000 }, (_, i) => i * i % 251);
const CHECKSUM = `md5:${createHash("md5").update(BODY).digest("hex")}`;
const OTHER = `md5:${"0".repeat(32)}`;

async function run(folder: string, params: Record<string, unknown>) {
  const { told, context } = await fakeContext(folder, (at) => ({ archive: at("archive") }));
  const parsed = stage.params.parse(params);
  await stage.run({ ...context, params: parsed });
  return {
    output: await content(context.outputs.archive),
    scratch: await content(context.scratch),
    progress: told.progress,
    hosts: stage.net?.(parsed),
  };
}

Deno.test("an archive is downloaded, resumed where the line broke, and moved into its place", async () => {
  await using http = server([
    respond({ body: BODY, cut: 3000, etag: '"a"' }),
    respond({ body: BODY, ranges: true }),
  ]);
  await using dir = await temporaryFolder();
  const { output, scratch, progress, hosts } = await run(dir.path, {
    url: http.url,
    checksum: CHECKSUM,
  });
  assert.deepEqual(output, { archive: BODY });
  assert.deepEqual(scratch, {});
  assert.deepEqual(progress, [5000, 5000]);
  assert.deepEqual(hosts, [new URL(http.url).host]);
});

Deno.test("a copy on this machine takes the place of a download", async () => {
  await using dir = await temporaryFolder();
  const file = `${dir.path}/VOC.tar`;
  await Deno.writeFile(file, BODY);
  const { output, hosts } = await run(dir.path, { file, checksum: CHECKSUM });
  assert.deepEqual(output, { archive: BODY });
  assert.deepEqual(hosts, []);
  await assert.rejects(run(dir.path, { file, checksum: OTHER }), {
    name: "InputError",
    message: `Cannot use ${file}: expected md5 ${"0".repeat(32)}, found ${CHECKSUM.slice(4)}; ` +
      "it is another file, or damaged",
  });
  assert.deepEqual((await run(dir.path, { file, checksum: null })).output, { archive: BODY });
});

Deno.test("Pascal VOC 2012 is the default, checked by the known md5", () => {
  const params = stage.params.parse({});
  assert.deepEqual(stage.net?.(params), ["host.robots.ox.ac.uk"]);
  assert.equal(params.checksum, "md5:6cd6e144f989b92b3379bac3b3de84fd");
});
