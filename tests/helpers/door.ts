/**
 * A door for stages: a server of the test's own, at which they wait until the test lets them through.
 *
 * @module
 */

/** The server; gone when disposed of. */
export interface Door extends AsyncDisposable {
  /** `localhost:1234`, for a stage's `net`. */
  host: string;
  /** Resolves when so many have asked, since the beginning. */
  arrived(count: number): Promise<void>;
  /** Answers all who wait, and from then on everybody at once. */
  open(answer?: string): void;
}

/** Begins to serve on this machine, and keeps the door closed. */
export function closedDoor(): Door {
  let answer: string | undefined;
  let arrivals = 0;
  let change = Promise.withResolvers<void>();
  const tell = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const server = Deno.serve({ port: 0, hostname: "localhost", onListen() {} }, async () => {
    arrivals++;
    tell();
    while (answer === undefined) await change.promise;
    return new Response(answer);
  });
  return {
    host: `localhost:${server.addr.port}`,
    async arrived(count) {
      while (arrivals < count) await change.promise;
    },
    open(text = "go on") {
      answer = text;
      tell();
    },
    async [Symbol.asyncDispose]() {
      this.open();
      await server.shutdown();
    },
  };
}
