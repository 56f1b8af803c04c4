/**
 * A remote cache whose connections break in the middle of what it was told to break.
 *
 * @module
 */

/** A server; ends when disposed of. */
export interface BrokenServer extends AsyncDisposable {
  url: string;
}

/**
 * Starts a server that is only read from.
 *
 * @param entries what it has
 * @param breaks whether to hang up in the middle of an entry, asked each time
 */
export function brokenServer(
  entries: Map<string, Uint8Array>,
  breaks: (entry: string) => boolean,
): BrokenServer {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const serve = async (connection: Deno.TcpConn) => {
    using _ = connection;
    const request = await readHead(connection);
    const [method, path] = request.split(" ");
    const content = entries.get(path.slice(1));
    const head = content === undefined
      ? "HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
      : `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${content.length}\r\n\r\n`;
    const whole = content?.length ?? 0;
    const length = breaks(path.slice(1)) ? Math.floor(whole / 2) : whole;
    await writeAll(connection, new TextEncoder().encode(head));
    if (content && method === "GET") await writeAll(connection, content.subarray(0, length));
  };
  const serving = (async () => {
    for await (const connection of listener) await serve(connection);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function readHead(connection: Deno.TcpConn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(4096);
  while (!text.includes("\r\n\r\n")) {
    const length = await connection.read(buffer);
    if (length === null) break;
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
  return text;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
}
