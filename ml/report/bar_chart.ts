/**
 * Horizontal bars as SVG that is as wide as the page lets it be.
 *
 * @module
 */
import { type Html, html } from "./html.ts";

/** One bar. */
export interface Bar {
  label: string;
  /** Zero or more; nothing is drawn for null. */
  value: number | null;
  /** How the value is written. */
  text: string;
  /** The best is in colour; a limit that others cannot be measured by is only outlined. */
  kind: "best" | "limit" | "plain";
}

const ROW = 46, BAR = 26;
/** Percent of the width: where the longest bar ends. */
const END = 86;

/**
 * @param title what is measured, for those who cannot see the chart
 * @param start percent of the width that labels have
 */
export function barChart(title: string, bars: readonly Bar[], start = 18): Html {
  const most = Math.max(...bars.map(({ value }) => value ?? 0), Number.MIN_VALUE);
  const height = ROW * bars.length;
  return html`<svg class="bars" role="img" aria-label="${title}" width="100%" height="${height}">${
    bars.map(({ label, value, text, kind }, i) => {
      const y = i * ROW + (ROW - BAR) / 2;
      const length = (END - start) * Math.max(value ?? 0, 0) / most;
      const middle = i * ROW + ROW / 2;
      return html`
        <text x="${start - 1}%" y="${middle}" text-anchor="end"
          dominant-baseline="central">${label}</text>
        <rect class="${kind}" x="${start}%" y="${y}" width="${length.toFixed(2)}%" height="${BAR}"
          rx="3">
          <title>${label}: ${text}</title>
        </rect>
        <text class="value" x="${(start + length + 1).toFixed(
          2,
        )}%" y="${middle}" dominant-baseline="central">${text}</text>
      `;
    })
  }
</svg>`;
}
