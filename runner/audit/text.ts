/**
 * The findings of an audit as lines to add to a contract, or to drop from it.
 *
 * @module
 */
import type { Colors } from "picocolors/types";
import { count, listed } from "../ui/format.ts";
import type { Audited } from "./audit_stage.ts";

/** So many paths are named. */
const NAMED = 20;

/**
 * Tells what to add and what to drop.
 *
 * @param makerOf the stage output that a file belongs to, as `id.output`, if that is so
 */
export function renderAudit(
  { id, failure, findings, touched }: Audited,
  makerOf: (path: string) => string | undefined,
  c: Colors,
): string {
  const { files, absent, hosts, system, native, unused, hidden } = findings;
  const lines: string[] = [];
  const say = (title: string, items: string[], todo: string) => {
    if (items.length === 0) return;
    const rest = items.length - NAMED;
    lines.push(
      title,
      ...items.slice(0, NAMED).map((item) => `    ${item}`),
      ...(rest > 0 ? [`    and ${rest} more`] : []),
      c.cyan(`  → ${todo}`),
    );
  };
  const [made, own] = [true, false].map((wanted) =>
    files.filter((path) => (makerOf(path) !== undefined) === wanted)
  );
  const makers = [...new Set(made.map(makerOf))];
  say(
    "reads what other stages made:",
    made,
    `add an input to the contract, inputs: { more: artifact("…") }, and connect it: ` +
      `inputs: { more: ${makers[0]} }`,
  );
  say(
    "reads what counts in no key:",
    own,
    "add a parameter and give the path in it: params: z.strictObject({ path: externalPath() })",
  );
  say("talks to:", hosts, `add net: () => [${hosts.map((host) => `"${host}"`).join(", ")}]`);
  say("asks the system for:", system, "leave it out: stages do not get this");
  if (native) lines.push("loads native code", c.cyan("  → add compute: true, or images: true"));
  say("does not read its inputs:", unused.inputs, `drop ${listed(unused.inputs)}`);
  say("does not read the paths in:", unused.externals, "drop them, if they are never read");
  say("does not talk to:", unused.hosts, "drop them from net, if they are never talked to");
  if (unused.native.length > 0) {
    lines.push("loads no native code", c.cyan(`  → drop ${unused.native.join(" and ")}: true`));
  }
  say("looks for what is not there:", absent, "nothing, unless it was meant to find it");
  say(
    "asks for variables that stages do not get:",
    hidden,
    "nothing if it goes on without; else pass what it needs in a parameter",
  );
  if (failure !== undefined) {
    lines.push(c.red(`failed, so what it would have touched later is not known: ${failure}`));
  }
  if (lines.length === 0) {
    lines.push(c.green(`declares all of the ${count(touched, "path")} it touches`));
  }
  return [c.bold(id), ...lines.map((line) => `  ${line}`), ""].join("\n");
}
