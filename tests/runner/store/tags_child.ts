/**
 * Writes a tag (second argument, JSON) into the store given first, but kills itself before the n-th
 * change to the disk (third argument). Ends normally if there are fewer.
 *
 * @module
 */
import { AtomicFiles } from "../../../runner/store/files.ts";
import { writeTag } from "../../../runner/store/tags.ts";
import { killBefore } from "./kill_before.ts";

const [store, tag, killAt] = Deno.args;
killBefore(Number(killAt));
writeTag(store, JSON.parse(tag), new AtomicFiles(`${store}/tmp`));
