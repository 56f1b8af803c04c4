/**
 * A web server that misbehaves to order: it writes raw HTTP, so it can lie about everything.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** What the server has to offer. */
export const BODY: Uint8Array<ArrayBuffer> = Uint8Array.from(
  { length: 100_000 },
  (_, i) => (i * 31 + (i >> 8)) & 255,
);
/** Its digests. */
export const sha256 = `sha256:${createHash("sha256").update(BODY).digest("hex")}`;
/** Its digests. */
export const md5 = `md5:${createHash("md5").update(BODY).digest("hex")}`;

/** Answers one request. */
export type Reply = (request: Headers) => {
  /** Status, then header lines. */
  head: string[];
  body: Uint8Array | null;
  /** Keep the connection open and say nothing more. */
  hold?: boolean;
};

/** How to misbehave. */
export interface Manner {
  status?: string;
  body?: Uint8Array;
  /** Promise this length instead of the real one. */
  length?: number;
  /** Close, or fall silent, after so many bytes. */
  cut?: number;
  hold?: boolean;
  etag?: string;
  /** Honour ranges … */
  ranges?: boolean;
  /** … but from so many bytes further on. */
  shift?: number;
  chunked?: boolean;
  retryAfter?: number;
}

/** A reply in some manner. */
export function respond(manner: Manner): Reply {
  const { status, cut, hold, etag, ranges = false, shift = 0, chunked = false } = manner;
  return (request) => {
    let body = manner.body ?? BODY;
    const head = [status ?? "200 OK"];
    const asked = request.get("range")?.match(/^bytes=(\d+)-$/);
    if (ranges && asked) {
      const from = Number(asked[1]) + shift;
      head[0] = "206 Partial Content";
      head.push(`content-range: bytes ${from}-${body.length - 1}/${body.length}`);
      body = body.subarray(from);
    }
    if (etag !== undefined) head.push(`etag: ${etag}`);
    if (manner.retryAfter !== undefined) head.push(`retry-after: ${manner.retryAfter}`);
    if (!chunked) head.push(`content-length: ${manner.length ?? body.length}`);
    // Without a length the body ends where the connection does.
    return { head, body: body.subarray(0, cut), ...(hold === undefined ? {} : { hold }) };
  };
}

/** Answers the n-th request with the n-th reply, further ones with the last. */
export function server(replies: Reply[]) {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const requests: Headers[] = [];
  const open = new Set<Deno.TcpConn>();
  const serve = async (connection: Deno.TcpConn) => {
    try {
      const headers = await readRequest(connection);
      const { head, body, hold } = replies[Math.min(requests.length, replies.length - 1)](headers);
      requests.push(headers);
      const [status, ...lines] = head;
      const text = [`HTTP/1.1 ${status}`, ...lines, "connection: close", "", ""].join("\r\n");
      await writeAll(connection, new TextEncoder().encode(text));
      if (body !== null) await writeAll(connection, body);
      if (hold === true) return;
      connection.closeWrite();
    } catch {
      // The client has gone away: that is its right.
    }
    close(connection);
  };
  const close = (connection: Deno.TcpConn) => {
    if (open.delete(connection)) connection.close();
  };
  const serving = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      serve(connection);
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/data.tar`,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) close(connection);
      await serving;
    },
  };
}

async function readRequest(connection: Deno.TcpConn): Promise<Headers> {
  let text = "";
  const chunk = new Uint8Array(4096);
  while (!text.includes("\r\n\r\n")) {
    const n = await connection.read(chunk);
    if (n === null) throw new Error("no request");
    text += new TextDecoder().decode(chunk.subarray(0, n));
  }
  const lines = text.split("\r\n").slice(1).filter((line) => line !== "");
  return new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length;) from += await connection.write(bytes.subarray(from));
}
