/**
 * Turns Deno's refusal of an undeclared access into a sentence that says what to declare.
 *
 * @module
 */

/** An access that the sandbox refused. */
export interface Denied {
  access: string;
  /** What was asked for, as the stage named it: a path, a host, a variable. */
  target: string;
}

const REFUSAL = /Requires (\w+) access(?: to (?:"([^"]+)"|(<\w+>|[^,]+)))?, run again/;

/**
 * Finds a refused access in an error or in what caused it. Deno throws `NotCapable`, but a refused
 * import arrives as a `TypeError` with the same words, and libraries like to wrap errors.
 */
export function findDenied(error: unknown): Denied | undefined {
  const seen = new Set<unknown>();
  const queue = [error];
  for (let at = 0; at < queue.length; at++) {
    const each = queue[at];
    if (!(each instanceof Error) || seen.has(each)) continue;
    seen.add(each);
    const match = REFUSAL.exec(each.message);
    if (match) return { access: match[1], target: match[2] ?? match[3] ?? "" };
    queue.push(each.cause, ...(each instanceof AggregateError ? each.errors : []));
  }
}

/** Says what the stage did and how to declare it. */
export function explainDenied(stage: string, { access, target }: Denied): string {
  switch (access) {
    case "read":
    case "import":
      return /\.[jt]sx?$/.test(target)
        ? `stage "${stage}" loads ${target}, which its imports do not reach\n` +
          `  import it with a literal path, or choose it by a parameter of type moduleIn("folder")`
        : `stage "${stage}" reads ${target}, which it does not declare\n` +
          `  what another stage makes: add an input and connect it under "inputs:"\n` +
          `  a file or folder of yours: give its path in a parameter of type externalPath()\n` +
          `  a table of the program: import it with { type: "json" }`;
    case "write":
      return `stage "${stage}" writes ${target}, outside its outputs\n` +
        `  results go to context.outputs.<name>, checkpoints to context.scratch`;
    case "net":
      return `stage "${stage}" talks to ${target}, which it does not declare\n` +
        `  add it to the contract: net: () => ["${target}"]`;
    case "ffi":
      return `stage "${stage}" uses native code${
        target && ` (${target})`
      }, which it does not declare\n` +
        `  add compute: true (tensors) or images: true (pictures) to the contract`;
    case "run":
      return `stage "${stage}" starts the program ${target}; stages may not start programs\n` +
        `  do the work in the stage itself`;
    default:
      return `stage "${stage}" asks for ${access} access to ${target}, which no stage gets`;
  }
}
