/**
 * Sizes and times.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseBytes, parseSeconds } from "../../../runner/pipeline/quantities.ts";

Deno.test("parseBytes() knows binary and decimal units", () => {
  const sizes = ["1024", "2GiB", "1.5 MiB", "500kB", "3 gb", "1TiB", "7b"].map(parseBytes);
  assert.deepEqual(sizes, [1024, 2 ** 31, 1_572_864, 500_000, 3e9, 2 ** 40, 7]);
});

Deno.test("parseBytes() refuses what is no size above zero", () => {
  for (const text of ["", "GiB", "2 gigs", "-1GiB", "0", "1e3", "1.5.2MB", "2GiB 1MiB"]) {
    assert.equal(parseBytes(text), undefined, text);
  }
});

Deno.test("parseSeconds() adds up units", () => {
  const times = ["90s", "30m", "12h", "2d", "1h30m", "1h 5s", "0.5h"].map(parseSeconds);
  assert.deepEqual(times, [90, 1800, 43_200, 172_800, 5400, 3605, 1800]);
});

Deno.test("parseSeconds() refuses what is no time above zero", () => {
  for (const text of ["", "30", "m", "5 minutes", "-1h", "0s", "1h30"]) {
    assert.equal(parseSeconds(text), undefined, text);
  }
});
