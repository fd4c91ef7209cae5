/** Colours that readers with any colour vision tell apart (Okabe and Ito 2008, "Color Universal Design"). */
export const okabeIto = {
  black: '#000000',
  orange: '#E69F00',
  skyBlue: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  blue: '#0072B2',
  vermillion: '#D55E00',
  purple: '#CC79A7',
} as const

/**
 * Of simulations, and of a first posterior. Each side has one colour and one shape throughout: simulations a line with
 * bands, generated objects dots with bars.
 */
export const simulatedColour = okabeIto.blue
/** Of generated objects, and of a second posterior. */
export const generatedColour = okabeIto.vermillion

/** For further lines in one figure, in this order. */
export const lineColours: readonly string[] = [
  okabeIto.blue,
  okabeIto.vermillion,
  okabeIto.green,
  okabeIto.purple,
  okabeIto.orange,
  okabeIto.skyBlue,
]

/** Of axes and texts. */
export const ink = '#1b1f24'
/** Of what a figure is read by: lines of reference, priors, held-out data. */
export const faint = '#8a929b'

/** The style of a page: readable from the width of a phone up, and in print. */
export const styleSheet = `
:root { color-scheme: light; --ink: ${ink}; --soft: #57606a; --rule: #d8dee4; --sim: ${simulatedColour}; --gen: ${generatedColour}; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 16px/1.5 "Source Sans 3", "Segoe UI", "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 28px 80px; }
header { border-bottom: 2px solid var(--ink); padding-bottom: 18px; margin-bottom: 26px; }
h1 { font-size: 32px; line-height: 1.15; margin: 0 0 6px; letter-spacing: -0.01em; }
h2 { font-size: 23px; margin: 46px 0 4px; padding-top: 18px; border-top: 1px solid var(--rule); letter-spacing: -0.005em; }
h3 { font-size: 16px; margin: 26px 0 6px; }
p { margin: 6px 0 12px; max-width: 82ch; }
.lead { color: var(--soft); font-size: 17px; max-width: 90ch; margin: 0; }
.soft, figcaption { color: var(--soft); }
.facts { display: flex; flex-wrap: wrap; gap: 10px 36px; margin: 0 0 8px; }
.facts div { min-width: 110px; }
.facts dt { color: var(--soft); font-size: 13.5px; }
.facts dd { margin: 0; font-size: 21px; font-variant-numeric: tabular-nums; line-height: 1.25; }
.key { display: flex; flex-wrap: wrap; gap: 4px 26px; font-size: 14.5px; margin: 4px 0 10px; align-items: center; }
.key svg { vertical-align: -4px; margin-right: 7px; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 20px 26px; align-items: start; }
.grid h3 { margin-top: 0; font-size: 14.5px; }
.grid.two { grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); }
figure { margin: 0; min-width: 0; }
figure svg { font-family: inherit; width: 100%; height: auto; overflow: visible; }
figure h4, .panel h4 { margin: 0 0 4px; font-size: 14.5px; font-weight: 600; }
figcaption, .note { color: var(--soft); font-size: 13.5px; line-height: 1.42; margin-top: 5px; max-width: 78ch; }
.tables { display: grid; grid-template-columns: minmax(0, 13fr) minmax(0, 11fr); gap: 4px 26px; align-items: start; margin-bottom: 16px; }
.tables td { white-space: nowrap; } .tables td, .tables th { padding-right: 11px; font-size: 14px; }
@media (max-width: 1000px) { .tables { grid-template-columns: minmax(0, 1fr); } }
.wide { margin-top: 8px; }
.narrow { max-width: 520px; }
table { border-collapse: collapse; font-size: 14.5px; font-variant-numeric: tabular-nums; margin: 8px 0 4px; }
th { text-align: left; font-weight: 600; border-bottom: 1.5px solid var(--ink); padding: 4px 18px 4px 0; vertical-align: bottom; }
td { border-bottom: 1px solid var(--rule); padding: 4px 18px 4px 0; vertical-align: top; }
td.number, th.number { text-align: right; }
td.number { white-space: nowrap; }
.scroll + .grid { margin-top: 18px; }
sub, sup { line-height: 0; font-size: 75%; }
.scroll { overflow-x: auto; }
.bar { display: inline-block; max-width: 20vw; height: 9px; background: var(--sim); vertical-align: 0; border-radius: 1px; }
.met, .missed { font-weight: 600; } .met { color: #00704f; } .missed { color: #b04a00; }
details { margin: 8px 0; } summary { cursor: pointer; color: var(--soft); font-size: 14.5px; }
pre { font: 12.5px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; background: #f6f8fa; border: 1px solid var(--rule); border-radius: 4px; padding: 12px 14px; overflow-x: auto; }
canvas { display: block; width: 100%; aspect-ratio: 1 / 0.92; background: #0c1016; border-radius: 4px; cursor: grab; touch-action: none; }
canvas:active { cursor: grabbing; }
footer { margin-top: 54px; padding-top: 14px; border-top: 1px solid var(--rule); color: var(--soft); font-size: 13.5px; }
@media (min-width: 1100px) { .span { grid-column: span 2; } }
@media print { .view3d { display: none; } main { max-width: none; } figure { break-inside: avoid; } }
`
