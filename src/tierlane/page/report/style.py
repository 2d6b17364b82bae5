"""How the page looks: on a light and a dark screen, and on paper."""

from typing import Final

LIGHT: Final = """
  --ink: #1d242c; --soft: #5a6672; --line: #d5dbe1; --tint: #f3f5f7; --paper: #ffffff;
  --a: #3d6480; --b: #c2571a; --good: #1f6f5c; --bad: #b0352b; --bar: #d9dfe5; --v: #0f4c6e;
  --saved: #1f5f8b; --sooner: #7fb2d6; --alike: #dfe4e8; --later: #f0b27a; --lost: #b5472a;
  --unserved: #9aa4ad; --on-dark: #ffffff; --on-light: #1d242c; color-scheme: light;
"""
DARK: Final = """
  --ink: #e6eaee; --soft: #a3afba; --line: #39434d; --tint: #1e252c; --paper: #14191e;
  --a: #8fb8d4; --b: #f0955c; --good: #6cc9ac; --bad: #f08a7e; --bar: #333d47; --v: #9ccbe8;
  --saved: #4f9bd0; --sooner: #2f6288; --alike: #39434d; --later: #8a5a2c; --lost: #e07a55;
  --unserved: #66717b; --on-dark: #ffffff; --on-light: #ffffff; color-scheme: dark;
"""
STYLE: Final = (
    f"""
:root {{{LIGHT}}}
@media screen and (prefers-color-scheme: dark) {{ :root {{{DARK}}} }}
"""
    """
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.2rem 1.5rem 4rem; max-width: 1120px; color: var(--ink);
  background: var(--paper);
  font: 15px/1.55 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC",
  "Microsoft YaHei", sans-serif; }
header { border-bottom: 3px solid var(--ink); margin-bottom: 1.2rem; padding-bottom: .6rem; }
h1 { font-size: 2.1rem; margin: 0 0 .3rem; line-height: 1.2; letter-spacing: -.01em; }
h1 .v { color: inherit; }
.line { color: var(--soft); margin: 0; }
nav { margin: 0 0 1.4rem; font-size: .92rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
nav a { color: var(--soft); text-decoration: none; }
nav a:hover, nav a:focus { text-decoration: underline; color: var(--ink); }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .4rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .3rem; }
h4 { font-size: .92rem; margin: .4rem 0 .1rem; color: var(--soft); }
p { margin: .35rem 0 .8rem; max-width: 78ch; }
.short { list-style: none; padding: 0; margin: .6rem 0 1.6rem; font-size: 1.08rem; max-width: 82ch; }
.short li { padding: .38rem 0 .38rem 1.7rem; position: relative; border-bottom: 1px solid var(--line); }
.short li:last-child { border-bottom: 0; }
.short li::before { content: "●"; position: absolute; left: .1rem; color: var(--soft); font-size: .8em; top: .6em; }
.short li.good::before { content: "▲"; color: var(--good); } .short li.bad::before { content: "▼"; color: var(--bad); }
.short data { font-weight: 600; }
.v { color: var(--v); } b.v { font-weight: 600; }
.good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
.short .good, .short .bad { color: inherit; font-weight: 400; }
li.good, li.bad { color: inherit; font-weight: inherit; }
.even { color: var(--soft); }
data { font-variant-numeric: tabular-nums; white-space: nowrap; }
small { color: var(--soft); font-size: .82em; white-space: nowrap; font-weight: 400; }
.table { overflow-x: auto; margin: .6rem 0 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; font-weight: 600; padding: .2rem 0; color: var(--soft); font-size: .92em; }
th, td { text-align: left; vertical-align: top; padding: .36rem .9rem .36rem .3rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--tint); font-weight: 600; vertical-align: bottom; line-height: 1.3; }
tbody th { font-weight: 600; white-space: nowrap; }
.r { text-align: right; }
code, pre { font: .88em/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; } td:has(> code) { min-width: 13rem; } pre { background: var(--tint); padding: .8rem 1rem; overflow-x: auto; margin: .3rem 0; white-space: pre-wrap; }
details { margin: .4rem 0 1rem; }
summary { cursor: pointer; color: var(--v); width: fit-content; }
figure { margin: 1rem 0 1.2rem; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(21rem, 1fr)); gap: 0 2.2rem; }
.many { display: grid; grid-template-columns: repeat(auto-fill, minmax(17.5rem, 1fr)); gap: .9rem 1.4rem; margin: .8rem 0 1rem; }
.sample { border-top: 1px solid var(--line); }
.legend { color: var(--soft); font-size: .92rem; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; align-items: center; margin: .2rem 0 .4rem; max-width: none; }
.legend > span { white-space: nowrap; }
.key { width: 26px; height: 12px; margin-right: .4rem; }
.square { display: inline-block; width: .85em; height: .85em; border-radius: 2px; margin-right: .45rem; }
svg.plot { width: 100%; height: auto; display: block; }
.plot text { fill: var(--ink); font-size: 13px; } .plot .tick { fill: var(--soft); font-size: 11.5px; }
.plot .head { font-weight: 600; font-size: 13px; }
.grid { stroke: var(--line); stroke-width: 1; } .axis { stroke: var(--soft); stroke-width: 1; }
.mark { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; } .way { stroke: var(--line); stroke-width: 3; }
.lineA { fill: none; stroke: var(--a); stroke-width: 2; stroke-dasharray: 5 3; }
.lineB { fill: none; stroke: var(--b); stroke-width: 2.4; }
.bandA { fill: var(--a); opacity: .13; } .bandB { fill: var(--b); opacity: .16; }
.dotA { fill: var(--paper); stroke: var(--a); stroke-width: 2.2; } .dotB { fill: var(--b); stroke: var(--b); stroke-width: 2.2; }
.sureA { stroke: var(--a); stroke-width: 1.6; } .sureB { stroke: var(--b); stroke-width: 1.6; }
.c0 { --c: var(--a); } .c1 { --c: var(--b); } .c2 { --c: var(--good); } .c3 { --c: var(--v); } .c4 { --c: var(--bad); } .c5 { --c: var(--soft); }
.band { fill: var(--c); opacity: .13; } .curve { fill: none; stroke: var(--c); stroke-width: 2.2; }
.knee { stroke: var(--c); stroke-width: 1.4; stroke-dasharray: 2 3; } .plot text[class^="c"] { fill: var(--c); font-weight: 600; }
.bar { fill: var(--bar); } .lane { fill: var(--soft); }
path.flow { fill: var(--b); opacity: .4; } path.flow:hover { opacity: .75; }
.saved { fill: var(--saved); background: var(--saved); } .sooner { fill: var(--sooner); background: var(--sooner); }
.alike { fill: var(--alike); background: var(--alike); } .later { fill: var(--later); background: var(--later); }
.lost { fill: var(--lost); background: var(--lost); } .unserved { fill: var(--unserved); background: var(--unserved); }
.part { stroke: var(--paper); stroke-width: 1; }
.plot .on { font-size: 11.5px; fill: var(--on-light); background: none; }
.plot .on.saved, .plot .on.lost { fill: var(--on-dark); }
footer { margin-top: 2.8rem; padding-top: .6rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .88rem; }
@page { size: A4; margin: 14mm 12mm 16mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 9.6pt; }
  nav { display: none; }
  h1 { font-size: 20pt; }
  h2, h3, caption, summary, figcaption { break-after: avoid; }
  figure, tr, .short li, svg.plot, .sample { break-inside: avoid; }
  .pair { grid-template-columns: 1fr 1fr; } .many { grid-template-columns: 1fr 1fr 1fr; }
  thead { display: table-header-group; break-after: avoid; } tbody tr:first-child { break-before: avoid; }
  p { break-inside: avoid; } .legend, h2 + p, h3 + p { break-after: avoid; }
  .table { overflow: visible; } th, td { padding: .22rem .5rem .22rem .2rem; }
  details::details-content { content-visibility: visible; height: auto; }
  details > * { display: block; }
  summary { color: var(--soft); list-style: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
)
