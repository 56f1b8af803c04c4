import assert from "node:assert/strict";
import { html } from "../../../ml/report/html.ts";

Deno.test("html`` escapes what is put in, and nothing twice", () => {
  const inner = html`<b title="${`"'`}">${"<&>"}</b>`;
  assert.equal(inner.text, `<b title="&#34;&#39;">&#60;&#38;&#62;</b>`);
  assert.equal(html`<p>${inner}</p>`.text, `<p>${inner.text}</p>`);
});

Deno.test("html`` joins lists and leaves out what is not there", () => {
  assert.equal(html`${[1, "<", [html`<i>`]]}${null}${undefined}${false}.`.text, "1&#60;<i>.");
});
