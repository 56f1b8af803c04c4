/**
 * A remote cache on a server that answers GET, HEAD and PUT: nginx with DAV, or one made for Bazel.
 *
 * `node:http` instead of `fetch`, which sends streams without saying how long they are; some
 * servers refuse that.
 *
 * @module
 */
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { hasCode } from "../files.ts";
import { type Bytes, LocalError, type Place, RemoteError } from "./place.ts";

/** Who is asking. */
export type Credentials = { token: string } | { user: string; password: string };

/** Connections kept open. More at once make small servers drop some. */
const SOCKETS = 16;

/** Codes of connections that broke, among them ones that the server closed for being idle. */
const DROPPED = ["ECONNRESET", "ECONNABORTED", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"];

/** What to say instead of an error's code. */
const SAID: Record<string, string> = {
  ECONNREFUSED: "nobody answers at this address",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "no such host",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "the host does not answer",
};

/** Entries below an address. */
export class HttpPlace implements Place {
  readonly name: string;
  readonly #base: string;
  readonly #agent: HttpAgent;
  readonly #send: typeof httpRequest;
  readonly #headers: Record<string, string>;

  /** @param address without user and password */
  constructor(address: URL, credentials?: Credentials) {
    this.name = address.href.replace(/\/+$/, "");
    this.#base = this.name;
    const secure = address.protocol === "https:";
    this.#agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: SOCKETS });
    this.#send = secure ? httpsRequest : httpRequest;
    this.#headers = credentials ? { authorization: authorization(credentials) } : {};
  }

  async look(entry: string, signal: AbortSignal): Promise<{ size?: number } | undefined> {
    return await this.#ask("HEAD", entry, { signal }, (response) => {
      if (isMissing(response)) return Promise.resolve(undefined);
      this.#expectSuccess(response);
      const length = response.headers["content-length"];
      const size = Number(length);
      // What travels compressed has another length than what is kept.
      const tells = length !== undefined && response.headers["content-encoding"] === undefined;
      return Promise.resolve(tells && Number.isSafeInteger(size) ? { size } : {});
    });
  }

  async read<T>(
    entry: string,
    take: (bytes: Bytes) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    return await this.#ask("GET", entry, { signal }, async (response) => {
      if (isMissing(response)) return undefined;
      this.#expectSuccess(response);
      return await take(pieces(response));
    });
  }

  async write(entry: string, bytes: Bytes, size: number, signal: AbortSignal): Promise<void> {
    await this.#ask("PUT", entry, { signal, bytes, size }, (response) => {
      const { statusCode = 0 } = response;
      // Neither a path that may not be written nor a full disk gets better by trying again.
      const final = statusCode < 500 ? ![408, 429].includes(statusCode) : statusCode === 507;
      this.#expectSuccess(response, final);
      return Promise.resolve();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Sends a request, hands its answer over, and leaves nothing of either behind. */
  async #ask<T>(
    method: string,
    entry: string,
    { signal, bytes, size = 0 }: { signal: AbortSignal; bytes?: Bytes; size?: number },
    use: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const headers = bytes ? { ...this.#headers, "content-length": size } : this.#headers;
    const sending = this.#send(`${this.#base}/${entry}`, {
      method,
      headers,
      agent: this.#agent,
      signal,
    });
    // Where a kept connection ends, Deno 2.9 sends the request again by itself, also if it was we who
    // ended it.
    sending.once("socket", () => sending.reusedSocket = false);
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sending.once("response", resolve);
      sending.on("error", reject);
    });
    let trouble: unknown; // of our bytes, not of the connection
    const sent = bytes
      ? pipeline(Readable.from(watched(bytes, (error) => trouble = error)), sending)
      : sending.end() && Promise.resolve();
    let response: IncomingMessage | undefined;
    try {
      // A server that refuses answers before it has heard all, and then the rest cannot be sent.
      response = await Promise.race([answered, sent.then(() => answered)]);
      const result = await use(response);
      await finished(response.resume()); // once all is read the connection is free for the next
      return result;
    } catch (error) {
      sending.destroy();
      response?.destroy();
      throw trouble ?? this.#explain(error);
    } finally {
      if (!sending.writableFinished) sending.destroy();
      await Promise.allSettled([sent, answered]);
    }
  }

  #expectSuccess({ statusCode = 0, statusMessage = "", headers }: IncomingMessage, final = false) {
    if (statusCode >= 200 && statusCode < 300) return;
    const answer = `it answers ${statusCode} ${statusMessage}`.trim();
    if (statusCode >= 300 && statusCode < 400) {
      const { location } = headers;
      throw new RemoteError(
        location === undefined ? answer : `${answer}: it is at ${location} now`,
      );
    }
    if (statusCode === 401) {
      const how = "user:password@ in the address, or SR4IR_REMOTE_TOKEN, says who you are";
      throw new RemoteError(`${answer}; ${how}`, "refused");
    }
    const refused = final || statusCode === 403 || statusCode === 407;
    throw new RemoteError(answer, refused ? "refused" : "broken");
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof RemoteError || error instanceof LocalError) {
      return error;
    }
    if (hasCode(error, ...DROPPED)) {
      return new RemoteError("the connection broke", "dropped", { cause: error });
    }
    const code = "code" in error && typeof error.code === "string" ? error.code : "";
    const hint = /CERT|UNABLE_TO/.test(code)
      ? "; NODE_EXTRA_CA_CERTS=FILE names certificates to trust"
      : "";
    const said = SAID[code] ?? error.message.split("\n")[0] + hint;
    return new RemoteError(said, "broken", { cause: error });
  }
}

function authorization(credentials: Credentials): string {
  if ("token" in credentials) return `Bearer ${credentials.token}`;
  const bytes = new TextEncoder().encode(`${credentials.user}:${credentials.password}`);
  return `Basic ${bytes.toBase64()}`;
}

function isMissing({ statusCode }: IncomingMessage): boolean {
  return statusCode === 404 || statusCode === 410;
}

async function* pieces(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const piece of response) yield piece;
  if (!response.complete) throw new RemoteError("the connection broke", "dropped");
}

async function* watched(bytes: Bytes, onError: (error: unknown) => void) {
  try {
    yield* bytes;
  } catch (error) {
    onError(error);
    throw error;
  }
}
