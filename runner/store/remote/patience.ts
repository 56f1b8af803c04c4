/**
 * How long to wait for something that may be slow or stuck.
 *
 * @module
 */
import { formatSeconds } from "../../ui/format.ts";
import { RemoteError } from "./place.ts";

/** Bytes a second below which a transfer is not worth waiting for. */
const SLOWEST = 16 * 1024;

/** Bytes a second at which a server may still be putting away what it was sent. */
const PUTTING_AWAY = 20 * 2 ** 20;

/** Watches one piece of work. */
export interface Watch {
  /** Aborted when patience is at its end, or the person's. */
  signal: AbortSignal;
  /** So many more bytes went through. */
  moved(bytes: number): void;
  /** All is sent: from here on only the answer is waited for. */
  sent(bytes: number): void;
}

/**
 * Does work that must show a sign of life every `patience` seconds, and on the whole be not much
 * slower than a modem.
 *
 * @param stop ends the work early; it then rejects with the reason
 * @throws {RemoteError} at the end of patience, even if the work cannot be stopped
 */
export async function patiently<T>(
  patience: number,
  stop: AbortSignal,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  stop.throwIfAborted();
  const end = new AbortController();
  const begun = performance.now();
  let bytes = 0;
  const giveUp = () =>
    end.abort(new RemoteError(`no answer for ${formatSeconds(patience)}`, "silent"));
  let timer = setTimeout(giveUp, patience * 1000);
  const wait = (seconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, seconds * 1000);
  };
  // Not AbortSignal.any(): `stop` would hold on to the signals of all requests of a long run.
  const onStop = () => end.abort(stop.reason);
  stop.addEventListener("abort", onStop);
  const { signal } = end;
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  ended.catch(() => {}); // the work may have been quicker
  const watch: Watch = {
    signal,
    moved(more) {
      bytes += more;
      wait(patience);
      const seconds = (performance.now() - begun) / 1000;
      if (seconds > patience + bytes / SLOWEST) {
        end.abort(new RemoteError("it is too slow", "silent"));
      }
    },
    sent: (all) => wait(patience + all / PUTTING_AWAY),
  };
  try {
    return await Promise.race([work(watch), ended]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error; // whatever was broken off, this is why
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
  }
}
