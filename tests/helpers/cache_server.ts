/**
 * A remote cache in this process's memory, which can be told to misbehave.
 *
 * @module
 */

/** Answers instead of the cache; undefined leaves the answer to it. */
export type Misbehaviour = (
  asked: { method: string; entry: string; request: Request },
) => Response | Promise<Response> | undefined;

/** A server; ends when disposed of. */
export interface CacheServer extends AsyncDisposable {
  url: string;
  /** `ac/…` and `cas/…` → content. */
  entries: Map<string, Uint8Array<ArrayBuffer>>;
  /** E.g. `PUT ac/ab12…`, in the order of arrival. */
  requests: string[];
  misbehave: Misbehaviour;
}

/** Starts a server on a free port of this machine. */
export function cacheServer(misbehave: Misbehaviour = () => undefined): CacheServer {
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  const requests: string[] = [];
  const ended = new AbortController();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {}, signal: ended.signal },
    async (request) => {
      const { method } = request;
      const entry = new URL(request.url).pathname.slice(1);
      requests.push(`${method} ${entry}`);
      const answer = await cache.misbehave({ method, entry, request });
      if (answer !== undefined) return answer;
      if (method === "PUT") {
        try {
          entries.set(entry, await request.bytes());
        } catch {
          return new Response(null, { status: 400 }); // broken off: nothing is kept
        }
        return new Response(null, { status: 201 });
      }
      const found = entries.get(entry);
      if (found === undefined) return new Response(null, { status: 404 });
      const headers = { "content-length": String(found.length) };
      return new Response(method === "HEAD" ? null : found, { headers });
    },
  );
  const cache: CacheServer = {
    url: `http://127.0.0.1:${server.addr.port}`,
    entries,
    requests,
    misbehave,
    async [Symbol.asyncDispose]() {
      ended.abort();
      await server.finished;
    },
  };
  return cache;
}
