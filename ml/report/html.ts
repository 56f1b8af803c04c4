/**
 * Pieces of HTML and SVG in which whatever is put in is escaped.
 *
 * @module
 */

/** Text that is HTML already. */
export class Html {
  /** Well-formed. */
  readonly text: string;

  /** Takes well-formed HTML as it is. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a piece; lists are joined, and what is not there leaves nothing. */
export type Piece = string | number | Html | readonly Piece[] | false | null | undefined;

/** A piece of HTML: ``html`<b>${text}</b>` ``. Attributes need quotes around their values. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(strings.reduce((text, next, i) => text + render(pieces[i - 1]) + next));
}

function render(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return "";
  if (piece instanceof Html) return piece.text;
  if (typeof piece === "string" || typeof piece === "number") return escape(String(piece));
  return piece.map(render).join("");
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
