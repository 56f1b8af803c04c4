/**
 * Event files of TensorBoard, byte for byte.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ActionRecord } from "../../../runner/plan/record.ts";
import { crc32c, maskedCrc32c } from "../../../runner/tensorboard/crc32c.ts";
import { encodeEvents } from "../../../runner/tensorboard/event_file.ts";
import { stageEvents } from "../../../runner/tensorboard/stage_events.ts";

const text = (value: string) => new TextEncoder().encode(value);

Deno.test("crc32c() gives the published values", () => {
  assert.equal(crc32c(text("123456789")), 0xe3069283); // RFC 3720's polynomial, the usual check
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa); // RFC 3720, B.4
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(maskedCrc32c(text("123456789")), 0xc78ab0e5); // as the package tensorboard 2.21.0 has it
});

/**
 * What the record writer and the messages of the package tensorboard 2.21.0 make of the version and
 * two points.
 */
const GOLDEN = [
  "1800000000000000a37f4b22", // 24 bytes follow; checksum of the length
  "090000000000003e40", // wall_time 30
  "1a0d627261696e2e4576656e743a32", // file_version "brain.Event:2"
  "e72ff65c", // checksum
  "1b000000000000001a0d9e13",
  "090000000000803f40", // wall_time 31.5
  "10ac02", // step 300
  "2a0d0a0b0a046c6f7373150000003f", // summary { value { tag "loss", simple_value 0.5 } }
  "b86ebd06",
  "1800000000000000a37f4b22",
  "090000000000004040", // wall_time 32; step 0 is left out
  "2a0d0a0b0a04c3a42f6215000000c0", // summary { value { tag "ä/b", simple_value -2 } }
  "626d1878",
];

Deno.test("encodeEvents() writes the version, then a record for each point", () => {
  const bytes = encodeEvents(30, [
    { tag: "loss", step: 300, value: 0.5, time: 31.5 },
    { tag: "ä/b", step: 0, value: -2, time: 32 },
  ]);
  assert.equal(bytes.toHex(), GOLDEN.join(""));
});

Deno.test("every record's checksums are right, for any number of points", () => {
  const scalars = Array.from({ length: 300 }, (_, i) => ({
    tag: "x".repeat(i),
    step: i * 1e9,
    value: i,
    time: i,
  }));
  const bytes = encodeEvents(0, scalars);
  const view = new DataView(bytes.buffer);
  let [at, records] = [0, 0];
  while (at < bytes.length) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(view.getUint32(at + 8, true), maskedCrc32c(bytes.subarray(at, at + 8)));
    const end = at + 12 + length;
    assert.equal(view.getUint32(end, true), maskedCrc32c(bytes.subarray(at + 12, end)));
    [at, records] = [end + 4, records + 1];
  }
  assert.deepEqual([at, records], [bytes.length, 301]);
});

const RECORD: ActionRecord = {
  key: "ab".repeat(32),
  material: {
    format: 1,
    stage: { name: "s", version: 1 },
    code: {},
    params: {},
    inputs: {},
    runtime: {},
  },
  outputs: {},
  metrics: { AP: 47.5, missing: null },
  tables: [],
  curves: { loss: [[1, 0.5], [4, 0.25]] },
  madeBy: { pipeline: "p", id: "s" },
  startedAt: "1970-01-01T00:01:40.000Z",
  seconds: 8,
  host: { name: "", cpu: "", os: "" },
  log: "",
};

Deno.test("a stage's file has its curves over its time, and its metrics at the end", () => {
  assert.deepEqual(stageEvents(RECORD), {
    name: "events.out.tfevents.100.abababababab",
    bytes: encodeEvents(100, [
      { tag: "loss", step: 1, value: 0.5, time: 102 },
      { tag: "loss", step: 4, value: 0.25, time: 108 },
      { tag: "metrics/AP", step: 4, value: 47.5, time: 108 },
    ]),
  });
});

Deno.test("a stage that has reported nothing has no file", () => {
  assert.equal(stageEvents({ ...RECORD, curves: {}, metrics: { AP: null } }), undefined);
});
