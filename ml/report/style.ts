/**
 * The style sheet of a report: light and dark as the reader has it, wide screens and phones.
 *
 * @module
 */

/** CSS, no external resources. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfbf9; --panel: #ffffff; --ink: #1d2327; --soft: #5c666e; --line: #dfe3e5;
  --accent: #0b7a75; --heat: #0b7a75; --bar: #a9b8bf;
  --c0: #2f6fb0; --c1: #c2571a; --c2: #0b7a75; --c3: #8a4fa3; --c4: #a8791a; --c5: #b03a5b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181b; --panel: #1c2226; --ink: #e6eaec; --soft: #9aa6ad; --line: #313a40;
    --accent: #4fc7bf; --heat: #2f9d96; --bar: #5b6a73;
    --c0: #6fa8e0; --c1: #ef9a63; --c2: #4fc7bf; --c3: #c08ddb; --c4: #dcb45a; --c5: #e88aa5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
}
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 1.65rem; line-height: 1.2; margin: 0 0 .3rem; }
h3 { font-size: 1rem; margin: .45rem 0; }
h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; }
p { margin: .4rem 0; max-width: 75ch; }
.soft, figcaption, small { color: var(--soft); }
.lead { font-size: 1.1rem; margin-top: 1rem; }
.scroll { overflow-x: auto; }
.panel {
  background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 6px 14px;
}
.two { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 18px; margin-top: 1rem; }
@media (max-width: 800px) { .two { grid-template-columns: minmax(0, 1fr); } }
table { border-collapse: collapse; }
th { font-weight: 600; text-align: left; }
.numbers { width: 100%; }
.numbers th, .numbers td { padding: .42rem .6rem; border-bottom: 1px solid var(--line); }
.numbers tr:last-child > * { border-bottom: 0; }
.numbers td, .numbers thead th + th {
  text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap;
}
.numbers small { display: block; font-weight: 400; line-height: 1.3; min-width: 12em; }
.numbers .best > * { font-weight: 700; color: var(--accent); }
.numbers .best small { color: var(--soft); }
.numbers .limit td, .numbers .limit th { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem .9rem; margin: .8rem 0; }
dt { font-weight: 600; } dd { margin: 0; color: var(--soft); max-width: 75ch; }
.bars { display: block; margin: 8px 0; font-size: 14px; }
.bars text { fill: var(--ink); } .bars .value { font-variant-numeric: tabular-nums; }
.bars rect { fill: var(--bar); } .bars .best { fill: var(--accent); }
.bars .limit { fill: none; stroke: var(--bar); stroke-width: 1.5; stroke-dasharray: 4 3; }
.heat td {
  background: color-mix(in srgb, var(--heat) calc(var(--v) * .6%), transparent);
  text-align: right; font-variant-numeric: tabular-nums; padding: .25rem .7rem;
}
.heat th { padding: .25rem .7rem .25rem 0; } .heat thead th + th { text-align: right; padding: .25rem .7rem; }
.grid { border-spacing: 0; }
.grid th { font-size: 14px; padding: 2px 6px; text-align: center; }
.grid tbody th { padding: 0; vertical-align: top; }
.grid tbody span {
  display: block; max-height: 100px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  writing-mode: vertical-rl; transform: rotate(180deg);
  font-weight: 400; color: var(--soft); font-size: 11px;
}
.grid td { padding: 3px; vertical-align: top; }
figure { margin: 0; width: 134px; cursor: zoom-in; }
figure svg { display: block; width: 100%; border-radius: 3px; }
figure .low image, figure .map { image-rendering: pixelated; }
figure .map { mix-blend-mode: screen; opacity: .7; }
figure .map, .keys .class { filter: brightness(1.7); }
.keys .class { border-color: transparent; }
figure:hover .map { opacity: 0; }
figcaption { font-size: 11.5px; line-height: 1.3; text-align: center; padding-top: 2px; }
figure path {
  fill: none; stroke: var(--mark); stroke-width: 1.6px; vector-effect: non-scaling-stroke;
}
figure .edge { stroke: rgb(0 0 0 / .6); stroke-width: 3.4px; }
figure rect { fill: var(--mark); opacity: .88; }
figure text { font-family: system-ui, "DejaVu Sans", sans-serif; font-weight: 600; fill: #10181a; }
.right { --mark: #5ee08a; } .wrong { --mark: #ff8f7a; } .missed { --mark: #ffffff; } .truth { --mark: #ffd84a; }
.missed path { stroke-dasharray: 3 3; } .missed .edge { stroke-width: 2.6px; }
.missed rect { opacity: .6; }
figure:focus {
  position: fixed; inset: 0; z-index: 2; margin: auto; outline: none; cursor: zoom-out;
  width: min(92vw, 80vh); height: max-content;
  background: var(--panel); padding: 10px; border-radius: 8px; box-shadow: 0 0 0 100vmax rgb(0 0 0 / .7);
}
figure:focus path { stroke-width: 2.5px; } figure:focus .edge { stroke-width: 5px; }
figure:focus figcaption { font-size: 15px; }
figure:focus figcaption::before { content: attr(data-of) " "; font-weight: 600; }
.keys { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: 14px; padding: 0; margin: .5rem 0; }
.keys li { list-style: none; display: flex; align-items: center; gap: .45rem; }
.keys i { width: 15px; height: 12px; border: 2px solid; border-radius: 2px; }
.keys .right { border-color: #2fb862; } .keys .wrong { border-color: #f0705a; }
.keys .missed { border: 2px dashed var(--soft); } .keys .truth { border-color: #dcae12; }
.keys .line { height: 0; border-width: 0 0 3px; border-radius: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 14px; }
.curves { display: block; width: 100%; font-size: 11px; }
.curves text { fill: var(--soft); } .curves line { stroke: var(--line); }
.curves path { fill: none; stroke-width: 1.8; } .curves .raw { stroke-width: 1; opacity: .25; }
${
  [0, 1, 2, 3, 4, 5].map((i) =>
    `.curves .c${i} { stroke: var(--c${i}); } .keys .c${i} { border-color: var(--c${i}); }`
  ).join("\n")
}
footer { margin-top: 2.6rem; font-size: 14px; }
`;
