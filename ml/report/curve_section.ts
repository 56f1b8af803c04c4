/**
 * The part of a report that shows how trainings went: one chart a setting, one legend for all.
 *
 * @module
 */
import { curveChart, lineClass, rangeOf } from "./curve_chart.ts";
import type { Curves } from "../train/curves.ts";
import { LOSSES } from "./glossary.ts";
import { type Html, html } from "./html.ts";

/** A training with a name. */
export interface LabelledCurves {
  metrics: { label: string };
  curves: Curves;
}

/** Undefined if no curve is known. */
export function curveSection(all: readonly LabelledCurves[]): Html | undefined {
  const range = rangeOf(all.map(({ curves }) => curves));
  if (range === undefined) return undefined;
  const there = new Set(all.flatMap(({ curves }) => Object.keys(curves)));
  const names = [...new Set([...Object.keys(LOSSES), ...there])].filter((name) => there.has(name));
  return html`
    <section>
      <h2>Losses</h2>
      <p
        class="soft">While training, on a logarithmic scale that is the same for all; pale: single batches.</p>
      <ul class="keys">${names.map((name) =>
        html`
          <li><i class="line ${lineClass(names, name)}"></i>${name}: ${LOSSES[name] ?? "loss"}</li>
        `
      )}</ul>
      <div class="charts">${all.filter(({ curves }) => Object.keys(curves).length > 0).map((
        { metrics, curves },
      ) =>
        html`
          <div class="panel"><h3>${metrics.label}</h3>${curveChart(metrics.label, curves, {
            names,
            range,
          })}</div>
        `
      )}
      </div>
    </section>
  `;
}
