/**
 * Opens a store for commands that only look.
 *
 * @module
 */
import { Store } from "../store/store.ts";
import { storeFolder } from "./options.ts";

/** Options of commands that look into a store. */
export interface StoreOption {
  store?: string;
  json?: boolean;
}

/** Opens the store; creates nothing, and a folder that is not there is empty. */
export function lookIntoStore(root: string, { store }: StoreOption): Store {
  return Store.open(storeFolder(root, store), { write: false });
}
