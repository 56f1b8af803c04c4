/**
 * A stage that is held until a test lets it go on.
 *
 * @module
 */
import { stage } from "../e2e/stages.ts";

/** Says that it was started, and waits until it may go on. */
export const gated = (port: number) =>
  stage(
    `for (const what of ["started", "wait"]) {
      await (await fetch("http://localhost:${port}/" + what + "/" + context.params.name)).text();
    }
    await done();`,
    `net: () => ["localhost:${port}"],`,
  );

/** Where stages say that they started, and are held until they may go on. */
export interface Gate extends AsyncDisposable {
  port: number;
  started: string[];
  /** Resolves when so many stages have started. */
  until(count: number): Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const started: string[] = [];
  const opened = Promise.withResolvers<void>();
  let changed = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, onListen() {} }, async (request) => {
    const [, what, name] = new URL(request.url).pathname.split("/");
    if (what === "started") {
      started.push(name);
      changed.resolve();
    } else await opened.promise;
    return new Response("");
  });
  return {
    port: server.addr.port,
    started,
    async until(count) {
      while (started.length < count) {
        await changed.promise;
        changed = Promise.withResolvers();
      }
    },
    open: () => opened.resolve(),
    async [Symbol.asyncDispose]() {
      opened.resolve();
      await server.shutdown();
    },
  };
}
