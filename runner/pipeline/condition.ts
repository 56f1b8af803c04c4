/**
 * Conditions: `when: ${params.data.source} == embedded && ${matrix.setting} != h2t`.
 *
 * Truth, `==`, `!=`, `!`, `&&`, `||` and parentheses; `&&` binds tighter than `||`. Words are read as
 * YAML reads them (`4` is a number, `true` is true), quotes make text.
 *
 * @module
 */
import { type LookUp, substitute } from "./expression.ts";
import type { At, Mistakes } from "./mistakes.ts";
import type { Step } from "./source.ts";

const TOKEN =
  /\s*(\|\||&&|==|!=|!|\(|\)|\$\{[^{}]*\}|"[^"]*"|'[^']*'|(?:[^\s=!&|()"'$]|=(?!=)|\$(?!\{))+)/y;

/**
 * Whether a condition holds. Its mistakes are added to `mistakes`; it then counts as true.
 *
 * @param path where the condition stands
 */
export async function holds(
  condition: string | boolean,
  path: Step[],
  lookUp: LookUp,
  mistakes: Mistakes,
): Promise<boolean> {
  if (typeof condition === "boolean") return condition;
  const yaml = await import("js-yaml"); // few pipelines have conditions, and it takes 8 ms to load
  const whole: At = { path };
  const { tokens, rest } = tokenize(condition);
  if (rest !== "") {
    mistakes.add("cannot read the condition", { path, within: rest }, { hint: HELP });
    return true;
  }
  let at = 0;
  let isBroken = false;

  const fail = () => {
    if (isBroken) return undefined;
    isBroken = true;
    const token = tokens[at];
    mistakes.add(
      token === undefined ? "the condition is not complete" : "cannot read the condition",
      token === undefined ? whole : { path, within: token },
      { hint: HELP },
    );
    return undefined;
  };
  const take = (token: string) => tokens[at] === token && ++at > 0;

  function anyOf(): unknown {
    let result = allOf();
    while (take("||")) {
      const right = allOf();
      result = isTrue(result) || isTrue(right);
    }
    return result;
  }

  function allOf(): unknown {
    let result = comparison();
    while (take("&&")) {
      const right = comparison();
      result = isTrue(result) && isTrue(right);
    }
    return result;
  }

  function comparison(): unknown {
    const left = operand();
    if (take("==")) return isEqual(left, operand());
    if (take("!=")) return !isEqual(left, operand());
    return left;
  }

  function operand(): unknown {
    if (take("!")) return !isTrue(operand());
    if (take("(")) {
      const inner = anyOf();
      return take(")") ? inner : fail();
    }
    const token = tokens[at];
    if (token === undefined || /^(\|\||&&|==|!=|\))$/.test(token)) return fail();
    at++;
    if (token.startsWith("${")) return substitute(token, path, lookUp, mistakes);
    if (/^["']/.test(token)) return substitute(token.slice(1, -1), path, lookUp, mistakes);
    return wordValue(token, yaml);
  }

  const result = anyOf();
  if (at < tokens.length) fail();
  return isBroken || isTrue(result);
}

const HELP = "expected e.g. ${params.NAME} == word, joined by && or ||";

/** The tokens, and what could not be read. */
function tokenize(text: string): { tokens: string[]; rest: string } {
  const tokens: string[] = [];
  let end = 0;
  for (;;) {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(text);
    if (!match) return { tokens, rest: text.slice(end).trim() };
    tokens.push(match[1]);
    end = TOKEN.lastIndex;
  }
}

/** A bare word as YAML reads it. */
function wordValue(
  word: string,
  { CORE_SCHEMA, load }: Pick<typeof import("js-yaml"), "CORE_SCHEMA" | "load">,
): unknown {
  try {
    return load(word, { schema: CORE_SCHEMA });
  } catch {
    return word; // Not YAML by itself, such as "@x": then it is text.
  }
}

function isTrue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return Boolean(value);
  return Object.keys(value).length > 0;
}

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
