/**
 * A result to share, and stores to share it between.
 *
 * @module
 */
import { keyOf } from "../../../../runner/plan/key.ts";
import type { ActionRecord, KeyMaterial } from "../../../../runner/plan/record.ts";
import { openPlace } from "../../../../runner/store/remote/address.ts";
import { RemoteCache, type RemoteOptions } from "../../../../runner/store/remote/remote.ts";
import { Store } from "../../../../runner/store/store.ts";
import { testFolder } from "../../../helpers/folder.ts";

/** Key material of a stage without inputs. */
export const material: KeyMaterial = {
  format: 1,
  stage: { name: "make", version: 1 },
  code: { "stages/make.ts": "c0de" },
  params: { n: 1 },
  inputs: {},
  runtime: {},
};

/** What is asked for. */
export const wanted = { key: keyOf(material), outputs: ["made"] };

/** Files of the result. */
export const files: Record<string, string> = {
  "a.txt": "alpha",
  "deep/b.txt": "beta",
  "deep/same.txt": "alpha",
  "empty.txt": "",
};

/** Text that hardly gets smaller. @param seed another one gives another text */
export function noise(length: number, seed = 1): string {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator
    bytes[i] = 48 + (state >>> 25) % 75; // from 0 to z
  }
  return new TextDecoder().decode(bytes);
}

/** A store in a folder of its own, and ways to use remote caches with it. */
export interface Machine extends Disposable {
  store: Store;
  /** Lines that the person was told. */
  told: string[];
  /** Opens a remote cache. */
  remote(address: string, options?: Partial<RemoteOptions> & { token?: string }): RemoteCache;
  /** Makes the result here. */
  make(content?: Record<string, string>): Promise<ActionRecord>;
}

/** Makes a machine. */
export function machine(): Machine {
  const temp = testFolder();
  const told: string[] = [];
  const store = Store.open(`${temp.path}/store`, {
    onDamage: ({ what, problem }) => told.push(`${what} ${problem}`),
  });
  const opened: RemoteCache[] = [];
  return {
    store,
    told,
    remote(address, { token, ...options } = {}) {
      const cache = new RemoteCache(openPlace(address, token), {
        store,
        readOnly: false,
        notify: (text) => told.push(text),
        stop: new AbortController().signal,
        ...options,
      });
      opened.push(cache);
      return cache;
    },
    async make(content = files) {
      temp.write(Object.fromEntries(Object.entries(content).map(([n, x]) => [`out/${n}`, x])));
      temp.write({ log: "a log\n" });
      const record: ActionRecord = {
        key: wanted.key,
        material,
        outputs: { made: await store.ingest(`${temp.path}/out`) },
        metrics: { AP: 47.5 },
        tables: [],
        curves: { loss: [[1, 0.5]] },
        madeBy: { pipeline: "tiny", id: "make" },
        startedAt: "2026-01-01T00:00:00.000Z",
        seconds: 1.5,
        host: { name: "here", cpu: "any", os: "linux" },
        log: store.putFile(`${temp.path}/log`),
      };
      store.putRecord(record);
      return record;
    },
    [Symbol.dispose]() {
      for (const cache of opened) cache[Symbol.dispose]();
      store.close();
      temp[Symbol.dispose]();
    },
  };
}
