import assert from "node:assert/strict";
import { formatDiagnostics, UserError } from "../../runner/diagnostic.ts";

const SMALL = {
  message: 'stage "small" has an unknown parameter "scal"',
  place: {
    file: "pipelines/tiny.yaml",
    line: 4,
    column: 13,
    length: 4,
    text: "    with: { scal: 4 }",
  },
  hint: 'did you mean "scale"?',
  notes: ["make_lr takes: scale"],
};

Deno.test("formatDiagnostics() shows place, line, caret, suggestion and what is taken", () => {
  assert.equal(
    formatDiagnostics(new UserError(SMALL)),
    `
error: stage "small" has an unknown parameter "scal"
  pipelines/tiny.yaml:4:13
  4 |     with: { scal: 4 }
    |             ^^^^ did you mean "scale"?
  make_lr takes: scale
`.trimStart(),
  );
});

Deno.test("formatDiagnostics() puts a blank line between mistakes", () => {
  assert.equal(
    formatDiagnostics(new UserError([{ message: "one" }, { message: "two", hint: "why" }])),
    "error: one\n\nerror: two\n  why\n",
  );
});

Deno.test("formatDiagnostics() shows an argument of the command without a line number", () => {
  const place = { line: 1, column: 13, length: 3, text: "--set scale=abc" };
  assert.equal(
    formatDiagnostics(new UserError({ message: "wrong", place, hint: "expected a number" })),
    `
error: wrong
  --set scale=abc
              ^^^ expected a number
`.trimStart(),
  );
});

Deno.test("formatDiagnostics() underlines at the right place behind tabs and wide characters", () => {
  const place = { file: "a.yaml", line: 12, column: 5, length: 2, text: "\t画: ab" };
  assert.equal(
    formatDiagnostics(new UserError({ message: "wrong", place })),
    `
error: wrong
  a.yaml:12:5
  12 |  画: ab
     |      ^^
`.trimStart(),
  );
});

Deno.test("formatDiagnostics() cuts a long line around the place", () => {
  const place = {
    file: "a.yaml",
    line: 1,
    column: 501,
    length: 4,
    text: "x".repeat(500) + "here" + "y".repeat(500),
  };
  assert.equal(
    formatDiagnostics(new UserError({ message: "wrong", place })),
    `
error: wrong
  a.yaml:1:501
  1 | …${"x".repeat(40)}here${"y".repeat(76)}…
    | ${" ".repeat(41)}^^^^
`.trimStart(),
  );
});

Deno.test("formatDiagnostics() does not let a file's control characters reach the terminal", () => {
  const place = { file: "a.yaml", line: 1, column: 1, length: 1, text: "\x1b[31mred" };
  assert.equal(
    formatDiagnostics(new UserError({ message: "wrong \x1b[2J", place })),
    `
error: wrong \ufffd[2J
  a.yaml:1:1
  1 | \ufffd[31mred
    | ^
`.trimStart(),
  );
});

Deno.test("formatDiagnostics() counts the mistakes that do not fit", () => {
  const many = Array.from({ length: 23 }, (_, i) => ({ message: `number ${i}` }));
  const text = formatDiagnostics(new UserError(many));
  assert.equal(text.split("\n\n").length, 21);
  assert.equal(text.endsWith("error: number 19\n\n... and 3 more mistakes\n"), true);
});

Deno.test("a UserError's message names every mistake", () => {
  assert.equal(new UserError([{ message: "one" }, { message: "two" }]).message, "one\ntwo");
  assert.equal(new UserError("alone").message, "alone");
});
