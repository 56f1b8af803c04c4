/**
 * The table that pictures stand in.
 *
 * @module
 */
import { type Html, html } from "./html.ts";

/** @param headings of the columns behind that of the names */
export function gridTable(headings: readonly string[], rows: readonly Html[]): Html {
  return html`
    <table class="grid">
      <thead>
        <tr><th></th>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr>
      </thead>
      <tbody>${rows}
      </tbody>
    </table>
  `;
}
