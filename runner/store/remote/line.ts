/**
 * The way to a remote cache, which may be bad: few things at a time, none of them for ever, a broken
 * connection tried once more, and after some failures the cache is left alone.
 *
 * @module
 */
import { type Bytes, LocalError, type Place, RemoteError } from "./place.ts";
import { patiently, type Watch } from "./patience.ts";
import { Slots } from "./slots.ts";

/** Requests that look or read at a time. */
const READS = 12;

/** Writes at a time; fewer, so that looking never waits behind them. */
const WRITES = 4;

/** After so many failures without a success between them nothing more is asked. */
const FAILURES = 3;

/** Seconds without a sign of life. */
const PATIENCE = 10;

/** How to deal with a place. */
export interface LineOptions {
  /** Told, in one line, the first time that something fails. */
  notify: (text: string) => void;
  /** Ends everything. */
  stop: AbortSignal;
  /** Seconds without a sign of life that count as a failure. */
  patience?: number;
}

/** A place to be asked. What fails rejects with {@link RemoteError} or {@link LocalError}. */
export class Line {
  readonly #place: Place;
  readonly #options: LineOptions;
  readonly #reads = new Slots(READS);
  readonly #writes = new Slots(WRITES);
  #failures = 0;
  #wrong = 0;
  #answered = false;
  #told = false;
  #readable = true;
  #writable: boolean;

  constructor(place: Place, options: LineOptions, { readOnly }: { readOnly: boolean }) {
    this.#place = place;
    this.#options = options;
    this.#writable = !readOnly;
  }

  /** What to call the place. */
  get name(): string {
    return this.#place.name;
  }

  /** Whether it is still worth asking. */
  get readable(): boolean {
    return this.#readable && !this.#options.stop.aborted;
  }

  /** Whether it is still worth giving it anything. */
  get writable(): boolean {
    return this.#writable && this.readable;
  }

  /** See {@link Place.look}. */
  async look(entry: string): Promise<{ size?: number } | undefined> {
    return await this.#ask(this.#reads, ({ signal }) => this.#place.look(entry, signal));
  }

  /** See {@link Place.read}; `take` may be called twice, and has to begin anew then. */
  async read<T>(entry: string, take: (bytes: Bytes) => Promise<T>): Promise<T | undefined> {
    return await this.#ask(
      this.#reads,
      (watch) => this.#place.read(entry, (bytes) => take(counted(bytes, watch)), watch.signal),
    );
  }

  /** See {@link Place.write}. @param bytes called again for a second try */
  async write(entry: string, bytes: () => Bytes, size: number): Promise<void> {
    await this.#ask(this.#writes, async (watch) => {
      if (!this.#writable) throw new RemoteError("it takes nothing", "refused");
      try {
        await this.#place.write(entry, counted(bytes(), watch, size), size, watch.signal);
      } catch (error) {
        if (error instanceof RemoteError && error.failure === "refused") {
          this.#closeForWrites(error);
        }
        throw error;
      }
    });
  }

  /** Asks nothing more. @param why what to tell, unless a failure was told before */
  giveUp(why: string): void {
    this.#readable = false;
    this.#tell(why);
  }

  /** Lets go of connections. */
  close(): void {
    this.#place.close();
  }

  async #ask<T>(slots: Slots, work: (watch: Watch) => Promise<T>): Promise<T> {
    const { stop, patience = PATIENCE } = this.#options;
    return await slots.use(async () => {
      for (let attempt = 1;; attempt++) {
        if (!this.readable) throw new RemoteError("it is not asked any more");
        try {
          const result = await patiently(patience, stop, work);
          this.#failures = 0;
          this.#answered = true;
          return result;
        } catch (error) {
          if (error instanceof LocalError || stop.aborted) throw error;
          const failure = asRemoteError(error);
          if (failure.failure === "dropped" && attempt === 1) continue;
          // A refused write leaves reading as it is.
          if (slots === this.#reads || failure.failure !== "refused") this.#fail(failure);
          throw failure;
        }
      }
    });
  }

  #fail({ message, failure }: RemoteError): void {
    if (!this.readable) return;
    this.#failures++;
    // Good answers in between are no excuse for wrong ones.
    if (failure === "wrong") this.#wrong++;
    // Who has never answered is not waited for a second time.
    const hopeless = failure === "refused" || (failure === "silent" && !this.#answered);
    if (Math.max(this.#failures, this.#wrong) >= FAILURES || hopeless) this.#readable = false;
    this.#tell(message);
  }

  #closeForWrites({ message }: RemoteError): void {
    if (!this.#writable) return;
    this.#writable = false;
    this.#options.notify(`remote cache ${this.name} takes no results: ${message}`);
  }

  #tell(text: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#options.notify(`remote cache ${this.name}: ${text}`);
  }
}

/** Whatever else a connection may come up with must not end a run. */
function asRemoteError(error: unknown): RemoteError {
  if (error instanceof RemoteError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RemoteError(message.split("\n")[0], "broken", { cause: error });
}

/** Tells the watch what goes by. @param size bytes after which only an answer is waited for */
async function* counted(bytes: Bytes, watch: Watch, size?: number): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    watch.moved(piece.length);
    yield piece;
  }
  if (size !== undefined) watch.sent(size);
}
