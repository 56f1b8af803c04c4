/**
 * A tiny font, five pixels high: enough to name classes and numbers on pictures.
 *
 * @module
 */

/** Rows of each sign from the top, `#` is ink. Small letters are shown as capitals. */
const SIGNS: Readonly<Record<string, string>> = {
  A: ".#. #.# ### #.# #.#",
  B: "##. #.# ##. #.# ##.",
  C: ".## #.. #.. #.. .##",
  D: "##. #.# #.# #.# ##.",
  E: "### #.. ##. #.. ###",
  F: "### #.. ##. #.. #..",
  G: ".## #.. #.# #.# .##",
  H: "#.# #.# ### #.# #.#",
  I: "### .#. .#. .#. ###",
  J: "..# ..# ..# #.# .#.",
  K: "#.# #.# ##. #.# #.#",
  L: "#.. #.. #.. #.. ###",
  M: "#...# ##.## #.#.# #...# #...#",
  N: "#..# ##.# #.## #..# #..#",
  O: ".##. #..# #..# #..# .##.",
  P: "##. #.# ##. #.. #..",
  Q: ".##. #..# #..# #.#. .#.#",
  R: "##. #.# ##. #.# #.#",
  S: ".## #.. .#. ..# ##.",
  T: "### .#. .#. .#. .#.",
  U: "#.# #.# #.# #.# ###",
  V: "#.# #.# #.# #.# .#.",
  W: "#...# #...# #.#.# ##.## #...#",
  X: "#.# #.# .#. #.# #.#",
  Y: "#.# #.# .#. .#. .#.",
  Z: "### ..# .#. #.. ###",
  0: "### #.# #.# #.# ###",
  1: ".# ## .# .# .#",
  2: "##. ..# .#. #.. ###",
  3: "##. ..# .#. ..# ##.",
  4: "#.# #.# ### ..# ..#",
  5: "### #.. ##. ..# ##.",
  6: ".## #.. ### #.# ###",
  7: "### ..# .#. .#. .#.",
  8: "### #.# ### #.# ###",
  9: "### #.# ### ..# ##.",
  " ": ".. .. .. .. ..",
  ".": ". . . . #",
  ",": ".. .. .. .# #.",
  ":": ". # . # .",
  "-": "... ... ### ... ...",
  "_": "... ... ... ... ###",
  "+": "... .#. ### .#. ...",
  "/": "..# ..# .#. #.. #..",
  "%": "#.# ..# .#. #.. #.#",
  "(": ".# #. #. #. .#",
  ")": "#. .# .# .# #.",
  "=": "... ### ... ### ...",
  "→": "..#.. ...#. ##### ...#. ..#..",
  "?": "##. ..# .#. ... .#.",
};

/** Height of every sign, pixels. */
export const FONT_HEIGHT = 5;

/** Rows of ink per sign; a sign the font does not have becomes a question mark. */
export function signsOf(text: string): string[][] {
  return [...text].map((sign) => (SIGNS[sign.toUpperCase()] ?? SIGNS["?"]).split(" "));
}

/** Width of a text with one pixel between signs, pixels. */
export function textWidth(text: string): number {
  return signsOf(text).reduce((width, [row]) => width + row.length + 1, -1);
}
