/**
 * Whatever is in a file: reading it ends with values or with an error for the person.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { testFolder } from "../../helpers/folder.ts";
import { tarFile } from "../../helpers/tar.ts";
import { zipFile } from "../../helpers/zip.ts";
import { openWeights } from "../../../ml/weights/open_weights.ts";
import {
  bytes,
  dict,
  int,
  LEGACY_HEAD,
  little,
  pickled,
  raw,
  storage,
  tensor,
  text,
  torchLegacy,
  torchZip,
  tuple,
} from "./pickles.ts";

/** The same draws each time. */
const DRAWS = { seed: 20240617, numRuns: 400 };

const SIX = raw(Float32Array.of(1, 2, 3, 4, 5, 6));
const CONTENTS = dict({
  epoch: "K\x03",
  net: dict({
    a: tensor({ count: 6 }, [2, 3], [1, 2]),
    b: tensor({ key: "1", type: "torch\nDoubleStorage", count: 2 }, [2], [1]),
  }),
});

/** A good file of each format, by name. */
async function goodFiles(): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const npy = bytes(
    `\x93NUMPY\x01\0${little(64, 2)}` +
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }".padEnd(63) + "\n" +
      String.fromCharCode(...SIX),
  );
  const header = JSON.stringify({ a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] } });
  const tar = await tarFile([
    { name: "pickle", content: bytes(pickled(dict({ a: `${text("9")}Q` }))) },
    {
      name: "tensors",
      content: bytes(
        pickled(int(1)) + pickled(tuple(int(9), int(1), "ctorch\nFloatTensor\n")) +
          little(1, 8) + little(6, 8) + little(1, 8) + little(0, 8),
      ),
    },
    {
      name: "storages",
      content: bytes(
        pickled(int(1)) + pickled(tuple(int(1), text("cpu"), "ctorch\nFloatStorage\n")) +
          little(6, 8) + String.fromCharCode(...SIX) + pickled("]"),
      ),
    },
  ]);
  return {
    zip: torchZip(CONTENTS, { 0: SIX, 1: SIX.subarray(0, 16) }, {
      "archive/byteorder": bytes("little"),
    }),
    legacy: torchLegacy(CONTENTS, [["0", 6, SIX], ["1", 2, SIX.subarray(0, 16)]]),
    tar: Uint8Array.from(tar),
    safetensors: bytes(little(header.length, 8) + header + String.fromCharCode(...SIX)),
    npy,
    npz: zipFile({ "a.npy": npy }),
    "stored npz": zipFile({ "a.npy": npy }, { compressed: false }),
  };
}

/** Reads all that there is. @returns the error's text, undefined if all went well */
async function outcome(file: string, content: Uint8Array): Promise<string | undefined> {
  await Deno.writeFile(file, content);
  try {
    const opened = await openWeights(file);
    for (const tensor of opened.tensors) await tensor.read();
    return undefined;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "InputError") throw error;
    assert.match(error.message, /^Cannot read /);
    assert.ok(error.message.includes(file), `"${error.message}" does not name the file`);
    const said = error.message.replace(/it names .* \(before/, ""); // the file's own words
    assert.doesNotMatch(said, /NaN|undefined|\[object/);
    return error.message;
  }
}

for (const [name, good] of Object.entries(await goodFiles())) {
  Deno.test(`${name}: cut off anywhere, it is refused or still whole`, async () => {
    using folder = testFolder();
    const file = `${folder.path}/w`;
    assert.equal(await outcome(file, good), undefined);
    const step = Math.ceil(good.length / 300);
    for (let length = 0; length < good.length; length += step) {
      const error = await outcome(file, good.subarray(0, length));
      // Only the empty blocks at the end of a tar archive may be missing.
      const mayBeWhole = name === "tar" && length >= good.length - 1024 - 512;
      if (!mayBeWhole) assert.notEqual(error, undefined, `cut at ${length}`);
    }
  });

  Deno.test(`${name}: with any bytes changed, it is refused or read`, async () => {
    using folder = testFolder();
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bad = good.slice();
        for (const [at, byte] of changes) bad[at] = byte;
        await outcome(`${folder.path}/w`, bad);
      }),
      DRAWS,
    );
  });
}

/** A value, and a pickle of it. */
type Pickled = [value: unknown, pickle: string];

const anyNumber = fc.oneof(fc.nat(8), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n));

const { value: anyValue } = fc.letrec<{ value: Pickled }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Pickled>([null, "N"], [true, "\x88"], [false, "\x89"]),
    fc.nat(255).map((byte): Pickled => [byte, `K${String.fromCharCode(byte)}`]),
    fc.maxSafeInteger().map((value): Pickled => [value, int(value)]),
    fc.string({ unit: "grapheme" }).map((value): Pickled => [value, text(value)]),
    fc.array(tie("value"), { maxLength: 4 }).map((items): Pickled => [
      items.map(([value]) => value),
      tuple(...items.map(([, pickle]) => pickle)),
    ]),
    fc.array(tie("value"), { maxLength: 4 }).map((items): Pickled => [
      items.map(([value]) => value),
      `]${items.map(([, pickle]) => `${pickle}a`).join("")}`,
    ]),
    fc.uniqueArray(fc.tuple(fc.string(), tie("value")), { maxLength: 4, selector: ([key]) => key })
      .map((items): Pickled => [
        new Map(items.map(([key, [value]]) => [key, value])),
        `ccollections\nOrderedDict\n)R${
          items.map(([key, [, pickle]]) => `${text(key)}${pickle}s`).join("")
        }`,
      ]),
  ),
}));

Deno.test("a value is what its pickle is read as", async () => {
  using folder = testFolder();
  const file = `${folder.path}/w`;
  await fc.assert(
    fc.asyncProperty(anyValue, async ([value, pickle]) => {
      await Deno.writeFile(file, torchZip(pickle));
      assert.deepEqual((await openWeights(file)).tree, value);
    }),
    DRAWS,
  );
});

Deno.test("any pickle is refused or read", async () => {
  using folder = testFolder();
  const numbers = fc.array(anyNumber, { maxLength: 3 });
  const fragment = fc.oneof(
    fc.constantFrom(
      ..."()]}0129NRatbdelosuQ\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94\x81",
      "ctorch._utils\n_rebuild_tensor_v2\n",
      "ctorch._utils\n_rebuild_parameter\n",
      "ctorch._tensor\n_rebuild_from_type_v2\n",
      "ccollections\nOrderedDict\n",
      "cargparse\nNamespace\n",
      "ctorch\nFloatTensor\n",
      "ctorch\nfloat16\n",
      "cos\nsystem\n",
      storage({ count: 6 }),
      tensor({ count: 6 }, [2, 3], [1, 2]),
      "q\0",
      "h\0",
    ),
    anyNumber.map(int),
    fc.tuple(numbers, numbers, anyNumber).map(([shape, stride, offset]) =>
      tensor({ count: 6 }, shape, stride, offset)
    ),
    fc.nat(255).map((byte) => String.fromCharCode(byte)),
    anyValue.map(([, pickle]) => pickle),
  );
  const around = fc.array(fragment, { maxLength: 3 }).map((parts) => parts.join(""));
  const pickle = fc.tuple(around, anyValue, around, anyValue, around)
    .map(([a, [, x], b, [, y], c]) => `(${a}${x}${b}${y}${c}t`);
  let read = 0;
  await fc.assert(
    fc.asyncProperty(pickle, fc.boolean(), async (pickle, legacy) => {
      const content = legacy ? torchLegacy(pickle) : torchZip(pickle, { 0: SIX });
      if (await outcome(`${folder.path}/w`, content) === undefined) read++;
    }),
    { ...DRAWS, numRuns: 2000 },
  );
  assert.ok(read >= 20, `only ${read} of the pickles were good`);
});

Deno.test("any bytes behind a known beginning are refused or read", async () => {
  using folder = testFolder();
  const beginnings = ["PK\x03\x04", "\x93NUMPY", "\x80\x02", LEGACY_HEAD, `${little(30, 8)}{`, ""];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...beginnings),
      fc.uint8Array({ maxLength: 200 }),
      async (beginning, rest) => {
        const content = bytes(beginning + String.fromCharCode(...rest));
        assert.notEqual(await outcome(`${folder.path}/w`, content), undefined);
      },
    ),
    DRAWS,
  );
});
