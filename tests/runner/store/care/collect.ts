/**
 * A sweep of some results, without a policy.
 *
 * @module
 */
import { Contents, readHoldings } from "../../../../runner/store/care/holdings.ts";
import { safeHorizon, sweep, type Swept } from "../../../../runner/store/care/sweep.ts";
import type { Store } from "../../../../runner/store/store.ts";

/** Removes these results and what only they needed. */
export async function collect(
  store: Store,
  keys: string[],
  {
    dryRun = false,
    horizon = safeHorizon(store.folder, Infinity),
    kept = () => new Set<string>(),
  } = {},
): Promise<Swept> {
  const contents = new Contents(store.folder);
  const holdings = [...readHoldings(store.folder)];
  return await sweep(store.folder, store.objects.files, {
    results: keys,
    neededBy: (gone) =>
      new Set(
        holdings.filter(({ key }) => !gone.has(key)).flatMap((one) => [...contents.of(one).keys()]),
      ),
    horizon,
    kept,
    dryRun,
  });
}
