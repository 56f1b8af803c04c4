/**
 * Ctrl-C: once to stop cleanly, twice to stop now.
 *
 * @module
 */
import type { Interruption } from "../execute/attempt.ts";

/**
 * Milliseconds in which a second signal is the same key press: the terminal sends it to every
 * process, and a task runner in between may pass it on.
 */
const SAME_PRESS = 500;

/** Exit codes that shells use for programs ended by a signal. */
const EXIT_CODES: Partial<Record<Deno.Signal, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** The person's signals while a run lasts. */
export interface Watch extends Interruption, Disposable {
  /** What to exit with once stopped. */
  readonly exitCode: number;
}

/**
 * Listens until disposed of.
 *
 * @param onStop called for the first signal
 */
export function watchInterrupts(onStop: () => void): Watch {
  const stop = new AbortController();
  const kill = new AbortController();
  let first = -Infinity;
  let exitCode = 130;

  const listeners = Object.entries(EXIT_CODES).map(([signal, code]) => {
    const listener = () => {
      const now = performance.now();
      if (!stop.signal.aborted) {
        first = now;
        exitCode = code;
        stop.abort();
        onStop();
      } else if (now - first > SAME_PRESS) {
        kill.abort();
      }
    };
    return { signal, listener };
  });
  for (const { signal, listener } of listeners) {
    if (isSignal(signal)) Deno.addSignalListener(signal, listener);
  }
  return {
    stop: stop.signal,
    kill: kill.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const { signal, listener } of listeners) {
        if (isSignal(signal)) Deno.removeSignalListener(signal, listener);
      }
    },
  };
}

/** Windows knows the first only. */
function isSignal(name: string): name is Deno.Signal {
  return Deno.build.os === "windows" ? name === "SIGINT" : name in EXIT_CODES;
}
