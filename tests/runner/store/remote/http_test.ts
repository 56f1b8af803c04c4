import assert from "node:assert/strict";
import { HttpPlace } from "../../../../runner/store/remote/http.ts";
import { Line } from "../../../../runner/store/remote/line.ts";

Deno.test("what was sent over a connection that the server had given up is sent anew, whole", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const bodies: number[] = [];
  let connections = 0;
  // The first connection answers one request and ends in the middle of the second.
  const serve = async (connection: Deno.TcpConn, isFirst: boolean) => {
    using _ = connection;
    for (let n = 0;; n++) {
      const head = await readHead(connection);
      if (head === undefined) return;
      const length = Number(/content-length: (\d+)/i.exec(head.text)?.[1] ?? 0);
      let read = head.rest;
      while (read < length) {
        if (isFirst && n === 1 && read > 1_000_000) return;
        const more = await connection.read(new Uint8Array(65536));
        if (more === null) return;
        read += more;
      }
      if (head.text.startsWith("PUT")) bodies.push(read);
      const answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
      await connection.write(new TextEncoder().encode(answer));
    }
  };
  const serving = (async () => {
    const all: Promise<void>[] = [];
    for await (const connection of listener) all.push(serve(connection, connections++ === 0));
    await Promise.all(all);
  })();

  const told: string[] = [];
  const place = new HttpPlace(new URL(`http://127.0.0.1:${listener.addr.port}`));
  const line = new Line(
    place,
    { notify: (text) => told.push(text), stop: new AbortController().signal },
    { readOnly: false },
  );
  await line.look("cas/a");
  let times = 0;
  await line.write(
    "cas/a",
    async function* () {
      times++;
      for (let n = 0; n < 30; n++) yield await Promise.resolve(new Uint8Array(100_000));
    },
    3_000_000,
  );
  assert.deepEqual([bodies, times, connections, told], [[3_000_000], 2, 2, []]);
  line.close();
  listener.close();
  await serving;
});

/** The head of a request, and how many bytes of its body came along. */
async function readHead(
  connection: Deno.TcpConn,
): Promise<{ text: string; rest: number } | undefined> {
  let text = "";
  for (;;) {
    const buffer = new Uint8Array(65536);
    const length = await connection.read(buffer);
    if (length === null) return undefined;
    // One byte, one character: the body is counted, not read.
    text += new TextDecoder("latin1").decode(buffer.subarray(0, length));
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0) return { text: text.slice(0, end), rest: text.length - end - 4 };
  }
}
