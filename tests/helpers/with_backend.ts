/**
 * Tests that need a tensor backend.
 *
 * @module
 */
import { testBackend } from "./backend.ts";

/**
 * `Deno.test` with a running backend; it starts with the first test that needs it and stays, so what
 * it holds does not count as leaked.
 */
export function testWithBackend(
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (t) => {
      await testBackend();
      await fn(t);
    },
  });
}
