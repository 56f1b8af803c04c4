/**
 * Top-k accuracy.
 *
 * @module
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { rankOf, topAccuracy } from "../../ml/metrics/accuracy.ts";
import { at, entries, type Fixture, formulaTensor, tensorSpec } from "./harness.ts";

/** Compares `metrics/accuracy*`: percent, exactly. */
export default function accuracy({ inputs, expected }: Fixture): void {
  const spec = tensorSpec.parse(at(inputs, "logits"));
  const labels = z.array(z.int()).parse(at(inputs, "labels"));
  const hit = z.array(z.number()).parse(at(inputs, "hit"));
  const logits = formulaTensor(spec);
  const [, K] = spec.shape;
  const ranks = labels.map((label, i) => {
    const scores = logits.subarray(i * K, (i + 1) * K);
    if (hit[i] > 0) scores[label] += 0.9; // "logits + (hit > 0 ? 0.9 at the label : 0)"
    return rankOf(scores, label);
  });
  for (const [name, wanted] of entries(expected)) {
    assert.equal(topAccuracy(ranks, Number(name.replace("top", ""))), wanted, name);
  }
}
