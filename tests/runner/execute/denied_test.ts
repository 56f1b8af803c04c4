import assert from "node:assert/strict";
import { explainDenied, findDenied } from "../../../runner/execute/denied.ts";

Deno.test("findDenied() reads what was refused from Deno's own words", () => {
  const denied = (message: string) => findDenied(new Error(message));
  assert.deepEqual(
    denied('Requires read access to "/data/a.txt", run again with the --allow-read flag'),
    { access: "read", target: "/data/a.txt" },
  );
  assert.deepEqual(
    denied("Requires write access to <TMP>, run again with the --allow-write flag"),
    { access: "write", target: "<TMP>" },
  );
  assert.deepEqual(denied("Requires ffi access, run again with the --allow-ffi flag"), {
    access: "ffi",
    target: "",
  });
  assert.equal(denied("No such file or directory"), undefined);
});

Deno.test("findDenied() looks into causes and collected errors, and stops at circles", () => {
  const inner = new Error(
    'Requires net access to "a.org:443", run again with the --allow-net flag',
  );
  const expected = { access: "net", target: "a.org:443" };
  assert.deepEqual(findDenied(new Error("outer", { cause: inner })), expected);
  assert.deepEqual(findDenied(new AggregateError([new Error("x"), inner])), expected);
  const circle = new Error("a");
  circle.cause = new Error("b", { cause: circle });
  assert.equal(findDenied(circle), undefined);
});

Deno.test("explainDenied() says how to declare a host", () => {
  assert.equal(
    explainDenied("get", { access: "net", target: "a.org:443" }),
    'stage "get" talks to a.org:443, which it does not declare\n' +
      '  add it to the contract: net: () => ["a.org:443"]',
  );
});
