/**
 * Code and links in Markdown, as far as the docs of this project use it.
 *
 * @module
 */

/** A fenced block of code. */
export interface Block {
  language: string;
  text: string;
}

/** A line of a `sh` block. */
export interface Command {
  line: string;
  /** `run` of `deno task run …`; undefined for other commands. */
  task?: string;
  /** What follows the task's name, without quotes. */
  args: string[];
}

/** All fenced blocks of a text. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language,
    text,
  }));
}

/** All commands of the `sh` blocks, without comments. */
export function commandsOf(blocks: readonly Block[]): Command[] {
  return blocks.filter(({ language }) => language === "sh").flatMap(({ text }) =>
    text.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim()).filter((line) =>
      line !== ""
    ).map((line) => {
      const match = /^(?:npx -y )?deno task (\S+)\s*(.*)$/.exec(line);
      if (!match) return { line, args: [] };
      return { line, task: match[1], args: match[2].split(/\s+/).filter((word) => word !== "") };
    })
  );
}

/** Targets of links to files and headings, without those to other sites. */
export function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/^```.*?^```$/gms, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The file that a block is, if its first line is a comment with a path: `# a/b.yaml`, `// a/b.ts`. */
export function namedFile({ text }: Block): { path: string; text: string } | undefined {
  const match = /^(?:#|\/\/) ([\w./-]+\.(?:yaml|ts))\n/.exec(text);
  return match ? { path: match[1], text: text.slice(match[0].length) } : undefined;
}

/**
 * Applies a block of changes: `--- path`, then hunks of lines that begin with a space, `-` or `+`,
 * separated by `@@`.
 *
 * @returns the path
 * @throws {Error} unless the old lines of each hunk stand in the file exactly once
 */
export function applyDiff(diff: string, { path }: { path(name: string): string }): string {
  const [head, ...lines] = diff.trimEnd().split("\n");
  const file = head.replace(/^--- /, "");
  let content = Deno.readTextFileSync(path(file));
  for (const hunk of lines.join("\n").split(/^@@\n/m)) {
    const side = (signs: string) =>
      hunk.split("\n").filter((line) => line !== "" && signs.includes(line[0]))
        .map((line) => `${line.slice(1)}\n`).join("");
    const old = side(" -");
    const found = content.split(old).length - 1;
    if (found !== 1) throw new Error(`Cannot change ${file}: found ${found} times:\n${old}`);
    content = content.replace(old, () => side(" +"));
  }
  Deno.writeTextFileSync(path(file), content);
  return file;
}
