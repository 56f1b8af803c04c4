import assert from "node:assert/strict";
import { testFolder } from "../../helpers/folder.ts";
import { tarFile } from "../../helpers/tar.ts";
import { zipFile } from "../../helpers/zip.ts";
import { openWeights } from "../../../ml/weights/open_weights.ts";
import type { Value } from "../../../ml/weights/stored_tensor.ts";
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

const SIX = Float32Array.of(1, 2, 3, 4, 5, 6);

/** Opens a file with this content; it is there for as long as the test. */
async function opened(content: Uint8Array) {
  const folder = testFolder({ "w.pth": content });
  const file = `${folder.path}/w.pth`;
  try {
    const weights = await openWeights(file);
    return { weights, ...folder };
  } catch (error) {
    folder[Symbol.dispose]();
    if (error instanceof Error) error.message = error.message.replaceAll(file, "w.pth");
    throw error;
  }
}

/** All tensors' numbers by their paths. */
async function numbers(content: Uint8Array): Promise<Record<string, unknown[]>> {
  using file = await opened(content);
  const found: Record<string, unknown[]> = {};
  for (const { path, read } of file.weights.tensors) found[path.join("/")] = [...await read()];
  return found;
}

async function tree(pickle: string): Promise<Value> {
  using file = await opened(torchZip(pickle));
  return file.weights.tree;
}

async function refuses(content: Uint8Array, message: string | RegExp): Promise<void> {
  await assert.rejects(opened(content), (error: Error) => {
    assert.equal(error.name, "InputError", error.message);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
}

Deno.test("views are read by offset and strides, from storages on any device", async () => {
  const of = { key: "7", device: "cuda:0", count: 6 };
  const file = dict({
    plain: tensor(of, [2, 3], [3, 1]),
    transposed: tensor(of, [3, 2], [1, 3]),
    column: tensor(of, [2], [3], 1),
    repeated: tensor(of, [2, 2], [0, 1], 4),
    number: tensor(of, [], [], 5),
    empty: tensor(of, [0, 9], [9, 1]),
  });
  const expected = {
    plain: [1, 2, 3, 4, 5, 6],
    transposed: [1, 4, 2, 5, 3, 6],
    column: [2, 5],
    repeated: [5, 6, 5, 6],
    number: [6],
    empty: [],
  };
  assert.deepEqual(await numbers(torchZip(file, { 7: raw(SIX) })), expected);
  assert.deepEqual(await numbers(torchLegacy(file, [["7", 6, raw(SIX)]])), expected);
});

Deno.test("number types of PyTorch keep their values", async () => {
  const types: [string, ArrayBufferView<ArrayBuffer>, unknown[]][] = [
    ["torch\nDoubleStorage", Float64Array.of(0.1, -0), [0.1, -0]],
    ["torch.cuda\nFloatStorage", Float32Array.of(0.5, NaN), [0.5, NaN]],
    // Of float16: the smallest, the largest, infinity. Of bfloat16: one and a half, the largest.
    ["torch\nHalfStorage", Uint16Array.of(1, 0x7BFF, 0xFC00), [2 ** -24, 65504, -Infinity]],
    ["torch\nBFloat16Storage", Uint16Array.of(0x3FC0, 0xFF7F), [1.5, -3.3895313892515355e38]],
    ["torch\nLongStorage", BigInt64Array.of(-1n, 2n ** 62n), [-1n, 2n ** 62n]],
    ["torch\nIntStorage", Int32Array.of(-7), [-7]],
    ["torch\nShortStorage", Int16Array.of(-300), [-300]],
    ["torch\nCharStorage", Int8Array.of(-128), [-128]],
    ["torch\nByteStorage", Uint8Array.of(255), [255]],
    ["torch\nBoolStorage", Uint8Array.of(0, 1, 2), [0, 1, 1]],
    ["torch\nComplexFloatStorage", Float32Array.of(1, 2, 3, 4), [1, 2, 3, 4]],
    ["torch\nComplexDoubleStorage", Float64Array.of(1, 2, 3, 4), [1, 2, 3, 4]],
  ];
  for (const [type, data, expected] of types) {
    const count = type.includes("Complex") ? expected.length / 2 : expected.length;
    const file = torchZip(tensor({ type, count }, [count], [1]), { 0: raw(data) });
    assert.deepEqual(await numbers(file), { "": expected }, type);
  }
});

Deno.test("strided views of every element size are gathered", async () => {
  const all = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const complex = tensor({ type: "torch\nComplexDoubleStorage", count: 4 }, [2, 2], [1, 2]);
  assert.deepEqual(await numbers(torchZip(complex, { 0: raw(all) })), {
    "": [1, 2, 5, 6, 3, 4, 7, 8],
  });
  const small = tensor({ type: "torch\nCharStorage", count: 4 }, [2, 2], [1, 2]);
  assert.deepEqual(await numbers(torchZip(small, { 0: Uint8Array.of(1, 2, 3, 4) })), {
    "": [1, 3, 2, 4],
  });
  const half = tensor({ type: "torch\nShortStorage", count: 4 }, [2], [2], 1);
  assert.deepEqual(await numbers(torchZip(half, { 0: raw(Int16Array.of(1, 2, 3, 4)) })), {
    "": [2, 4],
  });
});

Deno.test("untyped storages have the type that the tensor names", async () => {
  const rebuilt = (type: string, count: number) =>
    "ctorch._utils\n_rebuild_tensor_v3\n" + tuple(
      storage({ type: "torch.storage\nUntypedStorage", count: 4 }),
      int(0),
      tuple(int(count)),
      tuple(int(1)),
      "\x89",
      "N",
      `ctorch\n${type}\n`,
    ) + "R";
  const read = (type: string, data: number[], count = 4) =>
    numbers(torchZip(rebuilt(type, count), { 0: Uint8Array.from(data) }));
  assert.deepEqual(await read("uint16", [1, 0, 255, 255], 2), { "": [1, 65535] });
  assert.deepEqual(await read("float8_e5m2", [0x3C, 0x7B, 0xFC, 0x01]), {
    "": [1, 57344, -Infinity, 2 ** -16],
  });
  assert.deepEqual(await read("float8_e4m3fn", [0x38, 0x7E, 0xFF, 0x81]), {
    "": [1, 448, NaN, -(2 ** -9)],
  });
  await refuses(
    torchZip(rebuilt("float32", 2), { 0: new Uint8Array(4) }),
    /a tensor of shape \[2\] reaches to element 1, but its storage has 1/,
  );
});

Deno.test("a machine with the highest byte first says so", async () => {
  const file = (order: string) =>
    torchZip(tensor({ count: 1 }, [1], [1]), { 0: Uint8Array.of(0x3F, 0x80, 0, 0) }, {
      "archive/byteorder": bytes(order),
    });
  assert.deepEqual(await numbers(file("big")), { "": [1] });
  assert.deepEqual(await numbers(file("little")), { "": [4.600602988224807e-41] });
  await refuses(
    file("odd"),
    'Cannot read w.pth: its byte order is "odd", expected little or big',
  );
});

Deno.test("the oldest format: storages, views of them, tensors", async () => {
  const content = await tarFile([
    { name: "sys_info", content: bytes(pickled(dict({}))) },
    { name: "pickle", content: bytes(pickled(dict({ a: `${text("9")}Q`, b: `${int(8)}Q` }))) },
    {
      name: "tensors",
      content: bytes(
        pickled(int(2)) +
          pickled(tuple(int(9), int(1), "ctorch\nFloatTensor\n")) +
          [2, 0].map((n) => little(n, 4)).join("") +
          [3, 2, 1, 3, 0].map((n) => little(n, 8)).join("") +
          pickled(tuple(int(8), int(2), "ctorch\nFloatTensor\n")) +
          [1, 0].map((n) => little(n, 4)).join("") + [1, 1, 1].map((n) => little(n, 8)).join(""),
      ),
    },
    {
      name: "storages",
      content: bytes(
        pickled(int(1)) + pickled(tuple(int(1), text("cpu"), "ctorch\nFloatStorage\n")) +
          little(6, 8) + String.fromCharCode(...raw(SIX)) +
          pickled(`](${tuple(int(2), int(1), int(4), int(2))}e`),
      ),
    },
  ]);
  assert.deepEqual(await numbers(content), { a: [1, 4, 2, 5, 3, 6], b: [6] });
  await refuses(
    await tarFile([{ name: "pickle", content: bytes(pickled("N")) }]),
    /it is a tar archive without "storages", so no checkpoint/,
  );
  await refuses(content.slice(0, -1024 - 512), /cut off or damaged/);
});

Deno.test("parts of storages in the legacy format", async () => {
  const part = tuple(text("part"), int(2), int(3));
  const id = tuple(text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), int(6), part);
  const rebuilt = `ctorch._utils\n_rebuild_tensor\n${
    tuple(`${id}Q`, int(1), tuple(int(2)), tuple(int(1)))
  }R`;
  assert.deepEqual(await numbers(torchLegacy(rebuilt, [["0", 6, raw(SIX)]])), { "": [4, 5] });
});

Deno.test("parameters, counters, sizes, devices, settings and shared parts are values", async () => {
  const weight = tensor({ count: 1 }, [1], [1]);
  const content = dict({
    weight: `ctorch._utils\n_rebuild_parameter\n${
      tuple(weight, "\x88", "ccollections\nOrderedDict\n)R")
    }Rq\x01`,
    again: "h\x01",
    typed: `ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_parameter\n` +
      "ctorch.nn.parameter\nParameter\n(h\x01tNtR",
    counter: `ccollections\nCounter\n${tuple(`}(K\x02K\x05u`)}R`,
    ordered: `ccollections\nOrderedDict\n${tuple(`](${tuple(text("a"), "K\x01")}e`)}R}${
      text("_metadata")
    }Nsb`,
    size: `ctorch\nSize\n${tuple(tuple("K\x02", "K\x03"))}R`,
    device: `ctorch\ndevice\n${tuple(text("cuda"), "K\x01")}R`,
    dtype: "ctorch\nfloat16\n",
    args: `cargparse\nNamespace\n)R}${text("lr")}G\x3f\xb9\x99\x99\x99\x99\x99\x9asb`,
    big: int(-(2n ** 62n)),
    odd: `}(${tuple("K\x01", text("x"))}N\x88\x89u`,
  });
  using file = await opened(torchZip(content, { 0: raw(Float32Array.of(7)) }));
  const { tree, tensors } = file.weights;
  assert.deepEqual([...tensors].map(({ path }) => path.join("/")), [
    "weight",
    "again",
    "typed",
  ]);
  assert.ok(tree instanceof Map);
  tree.delete("weight");
  tree.delete("again");
  tree.delete("typed");
  assert.deepEqual(
    tree,
    new Map<string, unknown>([
      ["counter", new Map([[2, 5]])],
      ["ordered", new Map([["a", 1]])],
      ["size", [2, 3]],
      ["device", "cuda:1"],
      ["dtype", "torch.float16"],
      ["args", tree.get("args")],
      ["big", -(2n ** 62n)],
      ["odd", new Map<unknown, unknown>([[[1, "x"], null], [true, false]])],
    ]),
  );
  assert.deepEqual([...tree.get("args") as Map<string, number>], [["lr", 0.1]]);
});

Deno.test("all protocols of pickles are understood", async () => {
  const cases: [pickle: string, value: unknown][] = [
    // Protocol 0, in lines.
    ["I42\n", 42],
    ["I01\n", true],
    ["L-12345678901234567890L\n", -12345678901234567890n],
    ["F1e-3\n", 0.001],
    ["F-inf\n", -Infinity],
    ["Va\\u00e4\\U0001F600\n", "aä😀"],
    ["S'it\\'s\\x41\\n'\n", "it'sA\n"],
    ["(dVa\nI1\ns", new Map([["a", 1]])],
    ["(lI1\naI2\na", [1, 2]],
    ["(I1\nI2\ntp5\n0g5\n", [1, 2]],
    // Protocol 1.
    ["U\x02ab", "ab"],
    ["T\x02\0\0\0ab", "ab"],
    ["M\x01\x02", 513],
    ["J\xff\xff\xff\xff", -1],
    ["K\x07r\0\x01\0\0j\0\x01\0\0\x86", [7, 7]],
    ["(NN1K\x01", 1],
    ["(0K\x01", 1],
    ["K\x0120K\x02\x86", [1, 2]],
    // Protocols 2 to 5.
    ["\x8a\0", 0],
    ["\x8b\x02\0\0\0\0\xff", -256],
    ["K\x01K\x02K\x03\x87", [1, 2, 3]],
    ["K\x01\x85", [1]],
    ["C\x02ab", bytes("ab")],
    ["B\x02\0\0\0ab", bytes("ab")],
    ["\x8c\x02ab\x94h\0\x86", ["ab", "ab"]],
    ["\x8d\x02\0\0\0\0\0\0\0ab", "ab"],
    ["\x8e\x01\0\0\0\0\0\0\0a", bytes("a")],
    ["\x96\x01\0\0\0\0\0\0\0a", bytes("a")],
    ["\x8f(K\x01K\x02\x90", [1, 2]],
    ["(K\x01K\x02\x91", [1, 2]],
    ["\x8c\x0bcollections\x8c\x0bOrderedDict\x93)\x81", new Map()],
    ["\x8c\x0bcollections\x8c\x0bOrderedDict\x93)}\x92", new Map()],
    ["(icollections\nOrderedDict\n", new Map()],
    ["(ccollections\nOrderedDict\no", new Map()],
    ["\x95\x02\0\0\0\0\0\0\0K\x01", 1],
    ["}]Ns", new Map([[[], null]])],
    [`c__builtin__\nset\n(${tuple("K\x01", "K\x02")}tR`, [1, 2]],
    [`c_codecs\nencode\n${tuple(text("a\xff"), text("latin1"))}R`, bytes("a\xff")],
  ];
  for (const [pickle, value] of cases) {
    assert.deepEqual(await tree(pickle), value, JSON.stringify(pickle));
  }
});

Deno.test("whatever is not weights is refused by its name, and nothing is run", async () => {
  const names = [
    "posix\nsystem",
    "builtins\neval",
    "builtins\ngetattr",
    "torch\nload",
    "torch.storage\n_load_from_bytes",
    "torch._utils\n_rebuild_qtensor",
    "torch\nQInt8Storage",
    "numpy.core.multiarray\n_reconstruct",
    "collections\ndefaultdict",
    "collections.OrderedDict\nfromkeys",
    "__builtin__\nconstructor",
    "\ntoString",
  ];
  for (const name of names) {
    const full = name.replace("\n", ".");
    await refuses(
      torchZip(`c${name}\n${tuple(text("touch /tmp/x"))}R`),
      `Cannot read w.pth: it names ${full} (before byte ${
        30 + 16 + 2 + name.length + 2
      }); this is ` +
        "not a file of weights alone, and nothing of it was run. Save the weights alone, with " +
        "torch.save(network.state_dict(), FILE)",
    );
  }
  await refuses(torchLegacy("cos\nsystem\n)R"), /it names os\.system \(before byte \d+\)/);
  await refuses(torchZip("c\x1b[2J\nx\n"), /it names \?\[2J\.x/);
});

Deno.test("what is known is not called in other ways", async () => {
  const rebuild = "ctorch._utils\n_rebuild_tensor_v2\n";
  const typed = "ctorch._tensor\n_rebuild_from_type_v2\nq\x01";
  const cases: [string, RegExp][] = [
    // Its own arguments: it would call itself for ever.
    [`${typed}](h\x01ctorch\nTensor\neq\0h\0aNaR`, /a class that is not PyTorch's/],
    [`${typed}(${rebuild}ccollections\nCounter\n)NtR`, /a class that is not PyTorch's/],
    [`${rebuild}${tuple(text("0"), int(0), ")", ")")}R`, /a tensor without a storage/],
    [`${text("print")})R`, /calls what is no function/],
    [`ccollections\nOrderedDict\nNR`, /without a list of arguments/],
    [`ccollections\nOrderedDict\n)}${text("a")}Ns\x92`, /named arguments/],
    [`]}b`, /sets attributes of what has none/],
    [`ccollections\nOrderedDict\n`, /holds collections\.OrderedDict as a value/],
    [storage({ count: 0 }), /the storage "0" is missing/],
    [`${text("0")}Q`, /refers to something that is no storage/],
    ["P0\n", /refers to something that is no storage/],
    ["\x82\x01", /by a number of a registry/],
    [`c_codecs\nencode\n${tuple(text("a"), text("rot13"))}R`, /no text in Latin-1/],
    ["\x97", /buffers that were stored elsewhere/],
    ["2", /its pickle lacks a value/],
    ["", /its pickle ends with other than one value/],
    ["NN", /its pickle ends with other than one value/],
    ["t", /its pickle lacks a mark/],
    ["]q\0h\0a", /a dict or list contains itself/],
    ["}}Ns", /a key that is no text, number or tuple of such/],
    ["\xff", /unknown opcode 0xff/],
    ["\x80\x06", /protocol 6/],
    ["h\x05", /recalls value 5/],
    ["X\xff\xff\xff\xff", /a text of 4294967295 bytes/],
    ["X\x01\0\0\0\xff", /not UTF-8/],
    ["\x8b\xff\xff\0\0", /an integer of 65535 bytes/],
    ["\x95\xff\xff\xff\xff\xff\xff\xff\xff", /a frame of its pickle is cut off/],
    ["(}u", /sets an item of what is no dict|lacks/],
    ["}(Nu", /a key without a value/],
  ];
  for (const [pickle, message] of cases) {
    await refuses(torchZip(pickle), message);
  }
});

Deno.test("tensors that reach beyond their storage are refused when the file is opened", async () => {
  const of = { count: 6 };
  const huge = 2n ** 62n;
  const cases: [string, RegExp][] = [
    [tensor(of, [7], [1]), /\[7\] reaches to element 6, but its storage has 6/],
    [tensor(of, [1], [1], 6), /reaches to element 6/],
    [tensor(of, [2, 2], [6, 1]), /reaches to element 7/],
    [tensor(of, [huge, huge], [1, 1]), /no integer, or too large/],
    [tensor(of, [2 ** 50, 2 ** 50], [0, 0]), /would take \d.* bytes, but its storage has 24/],
    [tensor(of, [2], [-1], 3), /no natural number/],
    [tensor(of, [2], [1], -1), /no natural number/],
    [tensor(of, [2], [1, 1]), /1 dimensions, but 2 strides/],
    [tensor(of, Array(65).fill(1), Array(65).fill(1)), /65 dimensions/],
    [tensor({ count: 7 }, [1], [1]), /the storage "0" has 24 bytes, expected 28/],
    [tensor({ count: huge }, [1], [1]), /is no storage/],
    [tensor({ key: "../../etc/passwd", count: 6 }, [1], [1]), /the storage ".*" is missing/],
  ];
  for (const [pickle, message] of cases) {
    await refuses(torchZip(pickle, { 0: raw(SIX) }), message);
  }
  const empty = tensor(of, [2 ** 50, 0, 2 ** 50], [2 ** 50, 2 ** 50, 2 ** 50]);
  assert.deepEqual(await numbers(torchZip(empty, { 0: raw(SIX) })), { "": [] });
});

Deno.test("archives that lie are refused", async () => {
  const pickle = tensor({ count: 6 }, [6], [1]);
  const good = torchZip(pickle, { 0: raw(SIX) });
  await refuses(good.slice(0, -1), /a zip archive that is cut off or damaged/);

  const central = findLast(good, "PK\x01\x02");
  const bigger = good.slice(); // says that its storage has more bytes than there are
  bigger.set(bytes(little(10_000, 4) + little(10_000, 4)), central + 20);
  await refuses(bigger, /the entry "archive\/data\/0" would reach beyond the file's end/);
  const uneven = good.slice();
  uneven.set(bytes(little(20, 4)), central + 20);
  await refuses(uneven, /size mismatch/);
  const elsewhere = good.slice();
  elsewhere.set(bytes(little(1, 4)), central + 42);
  using file = await opened(elsewhere);
  await assert.rejects([...file.weights.tensors][0].read(), {
    name: "InputError",
    message: /there is no header of "archive\/data\/0" at byte 1/,
  });

  await refuses(
    zipFile({ "a/data.pkl": bytes(pickled("N")) }),
    'Cannot read w.pth: its entry "a/data.pkl" is compressed, which PyTorch never does; unpack the ' +
      "archive and pack it again with zip -0",
  );
  const two = { "a/data.pkl": bytes(pickled("N")), "b/data.pkl": bytes(pickled("N")) };
  await refuses(zipFile(two, { compressed: false }), /expected one data\.pkl, found a\/data/);
  await refuses(zipFile({ "a.txt": bytes("a") }), /without data\.pkl or \.npy files/);
  const twice = zipFile({ "a/data.pkl": bytes(pickled("N")), "b/data.pkl": bytes(pickled("N")) }, {
    compressed: false,
  });
  for (let at = twice.indexOf(0x62); at >= 0; at = twice.indexOf(0x62, at + 1)) twice[at] = 0x61;
  await refuses(twice, /it has two entries "a\/data\.pkl"/);
});

Deno.test("damaged legacy files are refused", async () => {
  const one = tensor({ count: 6 }, [6], [1]);
  const numbersOf: [string, number, Uint8Array] = ["0", 6, raw(SIX)];
  await refuses(bytes(pickled("N")), /not one that PyTorch's torch\.save made/);
  await refuses(bytes(LEGACY_HEAD), /its pickle is cut off/);
  await refuses(torchLegacy(one), /the numbers of the storage "0" are missing/);
  await refuses(torchLegacy("N", [numbersOf]), /a storage that no tensor uses/);
  await refuses(torchLegacy(one, [["0", 5, raw(SIX)]]), /has 5 elements, expected 6/);
  await refuses(torchLegacy(one, [["0", -1, raw(SIX)]]), /the storage "0" would reach/);
  await refuses(torchLegacy(one, [["0", 6, raw(SIX).subarray(1)]]), /there is nothing after/);
  const other = tensor({ type: "torch\nDoubleStorage", count: 6 }, [6], [1]);
  await refuses(
    torchLegacy(tuple(one, other), [numbersOf]),
    /the storage "0" is described twice, and differently/,
  );
});

Deno.test("small files that would grow without end are refused", async () => {
  // Each list holds the one before twice; a dict is copied again and again; lists in lists.
  const doubled = `]q\0${"0](h\0h\0eq\0".repeat(60)}`;
  assert.ok(Array.isArray(await tree(doubled)));
  const tensors = tensor({ count: 6 }, [6], [1]);
  await refuses(
    torchZip(`](${tensors}eq\0${"0](h\0h\0eq\0".repeat(60)}`, { 0: raw(SIX) }),
    /more than 1000000 tensors, or shares them without end/,
  );
  const long = `](${tuple("N", "N").repeat(10_000)}eq\0`;
  await refuses(
    torchZip(`(${long}${"ccollections\nOrderedDict\nh\0\x85R".repeat(1000)}t`),
    /it copies the same values again and again/,
  );
  await refuses(torchZip("(".repeat(2 ** 20 + 1)), /more than 1048576 marks/);
  await refuses(torchZip("N".repeat(2 ** 20 + 1)), /piles up more than 1048576 values/);
  await refuses(torchZip("}0".repeat(2 ** 21 + 1)), /more than 2097152 objects/);
  await refuses(torchZip(`${"]".repeat(102)}${"a".repeat(101)}`), /nested more than 100 levels/);
  await refuses(torchZip(`${"]".repeat(50_000)}${"a".repeat(49_999)}`), /nested more than 100/);
});

Deno.test("a folder, and nothing, are no files of weights", async () => {
  using folder = testFolder();
  await assert.rejects(openWeights(folder.path), {
    name: "InputError",
    message: `Cannot read ${folder.path}: it is a folder, expected a file`,
  });
  await assert.rejects(openWeights(`${folder.path}/no.pth`), {
    name: "InputError",
    message: `Cannot read ${folder.path}/no.pth: there is no such file`,
  });
  await refuses(
    bytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
    "Cannot read w.pth: it is a pointer of Git LFS, which stands for a file; fetch that by git lfs pull",
  );
  await refuses(
    bytes("\n<!DOCTYPE html>\n<html>"),
    "Cannot read w.pth: it is a web page, saved in the place of a file; download the file itself",
  );
  await refuses(new Uint8Array(0), /it is no file of weights; expected a checkpoint of PyTorch/);
});

function findLast(content: Uint8Array, mark: string): number {
  const wanted = bytes(mark);
  for (let at = content.length - wanted.length; at >= 0; at--) {
    if (wanted.every((byte, i) => content[at + i] === byte)) return at;
  }
  return -1;
}
