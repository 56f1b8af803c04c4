/**
 * What is wrong with a text that is not YAML, in words and with places.
 *
 * @module
 */
import { YAMLException } from "js-yaml";
import {
  type ErrorCode,
  isCollection,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLParseError,
} from "yaml";
import type { Diagnostic } from "../diagnostic.ts";
import { placeAt } from "./locate.ts";
import type { Source } from "./source.ts";

/** One error often causes the next; these do not, so that all of them are shown. */
const INDEPENDENT: ErrorCode[] = ["DUPLICATE_KEY", "TAB_AS_INDENT"];

/** What the parser says, what we say, what to do. */
const PLAIN_WORDS: [RegExp, string, string][] = [
  [
    /^All .* items must start at the same column/,
    "the indentation is uneven",
    "expected the column of the lines above",
  ],
  [
    /^Implicit (map )?keys need .*/,
    'this is no "key: value" line',
    "expected a colon and a space after the key",
  ],
  [/^Plain value cannot start with .*?(.)$/, "a text cannot begin with $1", "put it in quotes"],
  [
    /^Nested mappings are not allowed.*/,
    "a second key stands in one line",
    "put the text in quotes, or check the indentation below",
  ],
  [
    /^A block sequence may not be used.*/,
    "a list item stands where a key belongs",
    "check the indentation",
  ],
];

/**
 * Finds the mistakes of a text.
 *
 * @param error what the quick parser said; used where the slow one finds nothing wrong
 */
export function syntaxErrors(source: Source, error: unknown): Diagnostic[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(source.text, { lineCounter: lines });
  if ("empty" in documents) return [{ message: `${source.shown} is empty` }];
  if (documents.length > 1) {
    const second = documents[1].range[0];
    const start = source.text.lastIndexOf("---", second);
    return [{
      message: `${source.shown} holds ${documents.length} YAML documents: expected one`,
      place: placeAt(
        source,
        start < 0 ? { start: second, end: second } : { start, end: start + 3 },
      ),
      hint: "the second one begins here",
    }];
  }
  const [document] = documents;
  const found = document.errors.filter((one, i) => i === 0 || INDEPENDENT.includes(one.code));
  if (found.length > 0) return found.map((one) => describe(source, one));
  return [complexKey() ?? quickParserSays(source, error)];

  /** A mapping or list in the place of a key: valid YAML, but no name. */
  function complexKey(): Diagnostic | undefined {
    let found: Diagnostic | undefined;
    visit(document, {
      Pair(_, { key }) {
        if (!isCollection(key) || !key.range) return;
        const [start, end] = key.range;
        found = {
          message: `a ${isSeq(key) ? "list" : "mapping"} stands where a key belongs`,
          place: placeAt(source, { start, end }),
          hint: 'expected "key: value"',
        };
        return visit.BREAK;
      },
    });
    return found;
  }

  function describe(source: Source, { code, message, pos }: YAMLParseError): Diagnostic {
    const place = placeAt(source, { start: pos[0], end: pos[1] });
    switch (code) {
      case "DUPLICATE_KEY": {
        const key = keyAt(pos[0]);
        return {
          message: `the key "${key?.name ?? "?"}" is given twice`,
          place: placeAt(source, { start: pos[0], end: key?.end ?? pos[1] }),
          hint: key?.firstLine
            ? `it stands in line ${key.firstLine} already`
            : "remove one of them",
        };
      }
      case "TAB_AS_INDENT":
        return { message: "a tab cannot indent YAML", place, hint: "use spaces" };
      default: {
        const [reason] = message.split(" at line ");
        const open = unclosed(pos[0]);
        if (open && /^Flow .* and end with|^Missing closing/.test(reason)) return open;
        if (source.text.slice(pos[0] - 1, pos[0] + 1) === "${") {
          const end = source.text.indexOf("}", pos[0]) + 1;
          return {
            message: "a reference between { } or [ ] needs quotes",
            place: placeAt(source, { start: pos[0] - 1, end: end || pos[1] }),
            hint: `write "\${...}"`,
          };
        }
        const known = PLAIN_WORDS.find(([pattern]) => pattern.test(reason));
        if (!known) return { message: `cannot read the YAML: ${lowerFirst(reason)}`, place };
        const [pattern, text, hint] = known;
        return { message: reason.replace(pattern, text), place, hint };
      }
    }
  }

  /** The bracket or quote that is still open at an offset: the one that was opened last. */
  function unclosed(offset: number): Diagnostic | undefined {
    let start = -1;
    visit(document, {
      Node(_, node) {
        const isQuoted = isScalar(node) && /^QUOTE_/.test(node.type ?? "");
        const isFlow = isCollection(node) && node.flow;
        const [from, to] = node.range ?? [0, -1];
        if ((isQuoted || isFlow) && from < offset && offset <= to + 1) start = from;
      },
    });
    if (start < 0) return undefined;
    const opener = source.text[start];
    return {
      message: `this ${opener} is not closed`,
      place: placeAt(source, { start, end: start + 1 }),
      hint: `expected ${{ "[": "]", "{": "}" }[opener] ?? opener}`,
    };
  }

  function keyAt(offset: number): { name: string; end: number; firstLine?: number } | undefined {
    let result: { name: string; end: number; firstLine?: number } | undefined;
    visit(document, {
      Map(_, map) {
        const at = map.items.findIndex(({ key }) => isScalar(key) && key.range?.[0] === offset);
        const key = map.items[at]?.key;
        if (!isScalar(key)) return;
        const name = String(key.value);
        const first = map.items.find((pair) => isScalar(pair.key) && pair.key.value === key.value);
        const firstKey = first?.key;
        const firstStart = isScalar(firstKey) ? firstKey.range?.[0] : undefined;
        result = {
          name,
          end: key.range?.[1] ?? offset + name.length,
          ...(firstStart === undefined ? {} : { firstLine: lines.linePos(firstStart).line }),
        };
        return visit.BREAK;
      },
    });
    return result;
  }
}

function quickParserSays(source: Source, error: unknown): Diagnostic {
  if (!(error instanceof YAMLException)) throw error;
  const { line = 0, column = 0 } = error.mark ?? {};
  const lines = source.text.split("\n");
  const start = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0) + column;
  const word = /^[^\s,\]}]*/.exec(source.text.slice(start))?.[0].length ?? 1;
  const alias = /^unidentified alias "(.*)"/.exec(error.reason);
  const tag = /^unknown .* tag/.test(error.reason);
  return {
    message: alias
      ? `the alias *${alias[1]} has no anchor &${alias[1]} before it`
      : tag
      ? "the YAML tag is not known"
      : `cannot read the YAML: ${error.reason}`,
    place: placeAt(
      source,
      alias ? { start: start - 1, end: start + word } : { start, end: start + word },
    ),
    ...(tag ? { hint: "remove it: values need no tags here" } : {}),
  };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
