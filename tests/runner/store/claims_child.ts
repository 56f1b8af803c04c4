/**
 * Takes keys and lets them go, again and again, until it is killed: `claims_child.ts STORE KEYS`.
 * While it has one it holds a file of its own; finding that of another living process there is what
 * must never happen, and ends it with code 3.
 *
 * @module
 */
import { Claims } from "../../../runner/store/claims.ts";
import { AtomicFiles } from "../../../runner/store/files.ts";
import { lifeOf, ownerOf, ownName } from "../../../runner/store/owner.ts";

const [folder, keys] = Deno.args;
const own = ownName();
const claims = new Claims(`${folder}/claims`, new AtomicFiles(`${folder}/tmp/${own}`));

for (let i = 0;; i++) {
  const key = `key${i % Number(keys)}`;
  const taken = claims.take(key);
  if ("claim" in taken) {
    const inside = `${folder}/inside-${key}`;
    const others = Deno.readTextFileSync(inside);
    const owner = ownerOf(others);
    if (owner !== undefined && lifeOf(owner) !== "dead") Deno.exit(3);
    Deno.writeTextFileSync(inside, own);
    await new Promise((resolve) => setTimeout(resolve, i % 3));
    if (Deno.readTextFileSync(inside) !== own) Deno.exit(3);
    Deno.writeTextFileSync(inside, "");
    taken.claim.release();
    Deno.writeTextFileSync(`${folder}/turns`, ".", { append: true });
  }
  await new Promise((resolve) => setTimeout(resolve));
}
