import assert from "node:assert/strict";
import type { Defect } from "../../../../ml/data/formats/source.ts";
import { parseVoc, vocToCoco } from "../../../../ml/data/formats/voc.ts";

const xml = (inner: string) => `<annotation><filename>a.jpg</filename>${inner}</annotation>`;
const object = (name: string, [x1, y1, x2, y2]: (number | string)[]) =>
  `<object><name>${name}</name><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin>` +
  `<xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object>`;
const boxes = (inner: string, labels = ["cat"]) =>
  vocToCoco([parseVoc(xml(inner), "a.xml")], { labels }).annotations.map(({ bbox }) => bbox);

Deno.test("a box is truncated to whole pixels and its minima are lowered by one", () => {
  assert.deepEqual(boxes(object("cat", [10.9, "20", 30.9, "4e1"])), [[9, 19, 21, 21]]);
  assert.deepEqual(boxes(object("cat", [5, 5, 5, 5])), [[4, 4, 1, 1]], "one pixel has an area");
});

Deno.test("a name may hold what XML escapes", () => {
  const inner = object("black &amp; white", [1, 1, 2, 2]);
  assert.equal(boxes(inner, ["black & white"]).length, 1);
});

Deno.test("the picture's name loses folders of either system", () => {
  const name = (inner: string) => parseVoc(`<annotation>${inner}</annotation>`, "a.xml").fileName;
  assert.equal(name("<path>/home/x/b.jpg</path><filename>a.jpg</filename>"), "b.jpg");
  assert.equal(name("<path>C:\\data\\b.jpg</path>"), "b.jpg");
  assert.equal(name("<path/><filename>a.jpg</filename>"), "a.jpg");
});

Deno.test("a size that is missing or senseless is 0", () => {
  const size = (inner: string) => {
    const { width, height } = parseVoc(xml(inner), "a.xml");
    return [width, height];
  };
  assert.deepEqual(size(""), [0, 0]);
  assert.deepEqual(size("<size><width>-3</width><height>x</height></size>"), [0, 0]);
  assert.deepEqual(size("<size><width>30</width><height>20.0</height></size>"), [30, 20]);
});

Deno.test("faulty objects are left out and reported, in words", () => {
  const defects: Defect[] = [];
  const record = parseVoc(
    xml(
      object("cat", [5, 1, 3, 9]) + object("dog", [1, 1, 2, 2]) +
        "<object><name>cat</name></object>" +
        object("cat", [1, 1, 2, 2]),
    ),
    "a.xml",
  );
  const { annotations } = vocToCoco([record], {
    labels: ["cat"],
    onDefect: (defect) => defects.push(defect),
  });
  assert.deepEqual(annotations.map(({ id, bbox }) => [id, bbox]), [[1, [0, 0, 2, 2]]]);
  assert.deepEqual(defects, [
    {
      kind: "box without area",
      file: "a.xml",
      detail: 'object "cat" has the box 5, 1, 3, 9; expected xmin ≤ xmax and ymin ≤ ymax; ' +
        "the object is left out",
    },
    {
      kind: "unknown class",
      file: "a.xml",
      detail: 'object "dog" is of no known class; the object is left out',
    },
    {
      kind: "box without area",
      file: "a.xml",
      detail: 'object "cat" has the box , , , ; expected xmin ≤ xmax and ymin ≤ ymax; ' +
        "the object is left out",
    },
  ]);
});

Deno.test("without anyone to report to the first fault is an error", () => {
  assert.throws(() => boxes(object("dog", [1, 1, 2, 2])), {
    name: "InputError",
    message: 'Cannot use a.xml: object "dog" is of no known class',
  });
});

Deno.test("what is no annotation is refused with its place", () => {
  assert.throws(() => parseVoc("<annotation><object></annotation>", "a.xml"), {
    name: "InputError",
    message: /^Cannot read a\.xml: line 1, column \d+: /,
  });
  assert.throws(() => parseVoc("<html></html>", "a.xml"), {
    name: "InputError",
    message: /^Cannot read a\.xml: annotation: /,
  });
  assert.throws(() => parseVoc("<annotation><size/></annotation>", "a.xml"), {
    name: "InputError",
    message: "Cannot read a.xml: it names no picture",
  });
});
