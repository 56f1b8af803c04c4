/**
 * Another time for a process, to find out whether its results depend on it.
 *
 * @module
 */

/** Makes `Date` tell a time that many seconds ahead; what counts from the start goes on as it did. */
export function shiftClock(seconds: number): void {
  const RealDate = Date;
  const now = () => RealDate.now() + seconds * 1000;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => name === "now" ? now : Reflect.get(target, name, receiver),
  });
}
