/**
 * An order in which every stage comes after what it needs, or the circle that makes it impossible.
 *
 * @module
 */
import type { OutputRef } from "./instance.ts";

/** What of a stage instance matters for the order. */
export interface Node {
  id: string;
  inputs: Record<string, OutputRef[]>;
}

/** One step around a circle: `id` takes `ref` as its `input`. */
export interface CircleStep {
  id: string;
  input: string;
  ref: OutputRef;
}

/**
 * Sorts topologically; among those that are ready, the one that came first stays first.
 *
 * @returns the order, and a circle if there is one (the order then lacks what depends on it)
 */
export function sortStages<N extends Node>(nodes: N[]): { order: N[]; circle?: CircleStep[] } {
  const position = new Map(nodes.map(({ id }, i) => [id, i]));
  const waitsFor = nodes.map(({ inputs }) =>
    producers(inputs).filter((id) => position.has(id)).length
  );
  const consumers: (number[] | undefined)[] = nodes.map(() => undefined);
  for (const [i, { inputs }] of nodes.entries()) {
    for (const id of producers(inputs)) {
      const producer = position.get(id);
      if (producer === undefined) continue;
      const known = consumers[producer];
      if (known) known.push(i);
      else consumers[producer] = [i]; // mostly the only one: no list that has room for more
    }
  }

  const ready = new Heap();
  for (const [i, count] of waitsFor.entries()) if (count === 0) ready.push(i);
  const order: N[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    order.push(nodes[next]);
    for (const consumer of consumers[next] ?? []) {
      if (--waitsFor[consumer] === 0) ready.push(consumer);
    }
  }
  if (order.length === nodes.length) return { order };
  const stuck = new Map(nodes.filter((_, i) => waitsFor[i] > 0).map((node) => [node.id, node]));
  return { order, circle: findCircle(stuck) };
}

function producers(inputs: Record<string, OutputRef[]>): string[] {
  return [...new Set(Object.values(inputs).flat().map(({ id }) => id))];
}

/** Walks from a stuck stage to what it waits for until a stage comes up again. */
function findCircle(stuck: Map<string, Node>): CircleStep[] {
  const steps: CircleStep[] = [];
  let [node] = stuck.values();
  for (;;) {
    const start = steps.findIndex(({ id }) => id === node.id);
    if (start >= 0) return steps.slice(start);
    const taken = Object.entries(node.inputs).flatMap(([input, refs]) =>
      refs.map((ref) => ({ id: node.id, input, ref }))
    );
    const step = taken.find(({ ref }) => stuck.has(ref.id));
    const next = step && stuck.get(step.ref.id);
    if (!step || !next) return steps; // Cannot be: a stuck stage waits for a stuck one.
    steps.push(step);
    node = next;
  }
}

/** A binary heap of numbers, smallest first. */
class Heap {
  #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent] <= item) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const smallest = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return smallest;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= items.length) break;
      const child = left + 1 < items.length && items[left + 1] < items[left] ? left + 1 : left;
      if (items[child] >= last) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return smallest;
  }
}
