/**
 * The order of stages.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Node, sortStages } from "../../../runner/pipeline/order.ts";

function node(id: string, ...needs: string[]): Node {
  return { id, inputs: { in: needs.map((producer) => ({ id: producer, output: "out" })) } };
}

Deno.test("a stage comes after what it needs; otherwise the order given stays", () => {
  const nodes = [node("d", "b", "c"), node("c", "a"), node("x"), node("b", "a"), node("a")];
  const { order, circle } = sortStages(nodes);
  assert.deepEqual(order.map(({ id }) => id), ["x", "a", "c", "b", "d"]);
  assert.equal(circle, undefined);
});

Deno.test("a stage that takes two outputs of another waits for it once", () => {
  const { order } = sortStages([node("b", "a", "a"), node("a")]);
  assert.deepEqual(order.map(({ id }) => id), ["a", "b"]);
});

Deno.test("a circle is found behind stages that only depend on it", () => {
  const nodes = [
    node("after", "b"),
    node("a", "start", "c"),
    node("b", "a"),
    node("c", "b"),
    node("start"),
  ];
  const { order, circle } = sortStages(nodes);
  assert.deepEqual(order.map(({ id }) => id), ["start"]);
  assert.deepEqual(circle?.map(({ id, ref }) => [id, ref.id]), [["b", "a"], ["a", "c"], [
    "c",
    "b",
  ]]);
});

/** Graphs without circles: each node may need nodes of smaller number; then shuffled. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map((needs) =>
    needs.map((list, i) => node(`n${i}`, ...(i === 0 ? [] : list.map((n) => `n${n % i}`))))
  )
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

Deno.test("every stage comes exactly once and after all it needs", () => {
  fc.assert(fc.property(graphs, (nodes) => {
    const { order, circle } = sortStages(nodes);
    assert.equal(circle, undefined);
    assert.deepEqual(order.map(({ id }) => id).sort(), nodes.map(({ id }) => id).sort());
    const position = new Map(order.map(({ id }, i) => [id, i]));
    for (const { id, inputs } of order) {
      for (const ref of inputs.in) {
        assert.ok(
          (position.get(ref.id) ?? NaN) < (position.get(id) ?? NaN),
          `${ref.id} before ${id}`,
        );
      }
    }
  }));
});

Deno.test("the first stage that is ready always comes next", () => {
  fc.assert(fc.property(graphs, (nodes) => {
    const expected: string[] = [];
    while (expected.length < nodes.length) {
      const next = nodes.find(({ id, inputs }) =>
        !expected.includes(id) && inputs.in.every((ref) => expected.includes(ref.id))
      );
      expected.push(next?.id ?? "none");
    }
    assert.deepEqual(sortStages(nodes).order.map(({ id }) => id), expected);
  }));
});
