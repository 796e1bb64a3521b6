import { tokens } from "../../figures/index.js";

const variables = (theme: "light" | "dark"): string =>
  Object.entries(tokens[theme]).map(([name, value]) => `--${name}:${value}`).join(";");

const ui = {
  light: "--accent:#0a5c97;--page:#fbfbf9;--card:#ffffff;--line:#d5dae0;--hair:#e4e8ec;--soft:#f1f4f7;--warn:#8a3a00;--warn-soft:#fff4ea;--gen:#6b4e00;--gen-soft:#fbf1d3",
  dark: "--accent:#7cc0f5;--page:#0f1317;--card:#14181d;--line:#333c46;--hair:#262d35;--soft:#1a2027;--warn:#ffb27a;--warn-soft:#2b1d10;--gen:#e9cf7c;--gen-soft:#2e2712",
};

/** The page's own style: screen light and dark, narrow screens, print. Colours are those of the figures. */
export const pageStyle = `
:root{color-scheme:light;${variables("light")};${ui.light};
--serif:"Source Serif 4","Noto Sans Math",Georgia,serif;--sans:FolioSans,"Noto Sans Math","Helvetica Neue",Arial,sans-serif;--math:"Noto Sans Math",math}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${variables("dark")};${ui.dark}}}
:root[data-theme=dark]{color-scheme:dark;${variables("dark")};${ui.dark}}
*{box-sizing:border-box}
html{font-size:18px;scroll-padding-top:4rem;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
body{margin:0;background:var(--page);color:var(--ink);font-family:var(--serif);line-height:1.6;font-optical-sizing:auto;hanging-punctuation:first last;text-rendering:optimizeLegibility}
a{color:var(--accent);text-decoration-thickness:.06em;text-underline-offset:.16em;text-decoration-color:color-mix(in srgb,currentColor 40%,transparent)}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2.5px solid var(--accent);outline-offset:3px;border-radius:3px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:1rem;top:-4rem;background:var(--card);padding:.5rem 1rem;z-index:10;font-family:var(--sans)}
.skip:focus{top:.5rem}
.bar{position:sticky;top:0;z-index:5;display:flex;gap:1rem;align-items:center;justify-content:space-between;padding:.5rem 1.25rem;background:color-mix(in srgb,var(--page) 90%,transparent);backdrop-filter:blur(8px);border-bottom:1px solid var(--hair);font:400 .82rem/1.3 var(--sans)}
.bar .name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;color:var(--muted)}
button{font:600 .8rem/1 var(--sans);color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.5rem .75rem;cursor:pointer;white-space:nowrap}
button:hover{border-color:var(--accent);color:var(--accent)}
.layout{display:grid;grid-template-columns:minmax(0,1fr);max-width:45rem;margin:0 auto;padding:0 1.25rem 5rem}
.toc{font:400 .82rem/1.4 var(--sans);margin:1rem 0 0}
.toc h2{font:600 .72rem/1 var(--sans);letter-spacing:.08em;text-transform:uppercase;color:var(--muted);margin:0 0 .6rem}
.toc ol{list-style:none;margin:0;padding:0}
.toc li{margin:.1rem 0}
.toc a{display:block;padding:.18rem .6rem;color:var(--muted);text-decoration:none;border-left:2px solid var(--hair)}
.toc a:hover,.toc a[aria-current]{color:var(--ink);border-color:var(--accent)}
.toc .l3 a{padding-left:1.5rem}
@media (min-width:74rem){
.layout{grid-template-columns:14rem minmax(0,40rem);gap:0 3.5rem;max-width:62rem}
.toc{position:sticky;top:4.2rem;align-self:start;margin-top:4.6rem;max-height:calc(100vh - 6rem);overflow:auto}
}
@media (max-width:73.99rem){.toc ol{columns:2 14rem}.front{padding-top:1.5rem}}
main{min-width:0}
.front{padding:3.2rem 0 1.2rem;border-bottom:1px solid var(--line);margin-bottom:2rem}
h1,h2,h3,h4{font-family:var(--sans);line-height:1.2;text-wrap:balance;font-weight:600;letter-spacing:-.011em}
h1{font-size:2.15rem;margin:0 0 .6rem;font-weight:700;letter-spacing:-.02em}
.subtitle{font:400 1.12rem/1.4 var(--sans);color:var(--muted);margin:0 0 1rem;text-wrap:balance}
.authors{font:400 .92rem/1.5 var(--sans);margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.2rem}
.authors span{color:var(--muted);font-weight:400}
.abstract{margin:1.4rem 0 0;font-size:.95rem;line-height:1.55}
.abstract b{font-family:var(--sans);font-size:.78rem;letter-spacing:.06em;text-transform:uppercase;margin-right:.5em}
h2{font-size:1.42rem;margin:3rem 0 .8rem}
h3{font-size:1.12rem;margin:2.2rem 0 .5rem}
h4{font-size:1rem;margin:1.6rem 0 .4rem}
h2 .n,h3 .n,h4 .n{color:var(--muted);font-weight:400;margin-right:.55em;font-variant-numeric:tabular-nums}
p{margin:0 0 1em;text-wrap:pretty;hyphens:auto;hyphenate-limit-chars:8 4 4}
ul,ol{margin:0 0 1em;padding-left:1.3em}
li{margin:.2em 0}
li>p{margin:0 0 .3em}
blockquote{margin:1.2em 0;padding:.1em 0 .1em 1.1em;border-left:3px solid var(--line);color:var(--muted)}
code{font:.86em/1.4 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--soft);border-radius:4px;padding:.08em .3em;overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--hair);border-radius:8px;padding:.8rem 1rem;overflow:auto;line-height:1.45}
pre code{background:none;padding:0;font-size:.78rem;overflow-wrap:normal}
hr{border:0;border-top:1px solid var(--line);margin:2.5rem 0}
.notice{font:400 .86rem/1.5 var(--sans);border:1px solid var(--line);border-left:4px solid var(--gen);background:var(--gen-soft);border-radius:6px;padding:.7rem 1rem;margin:0 0 1rem}
.notice.lacks{border-left-color:var(--warn);background:var(--warn-soft)}
.notice p{margin:0}.notice ul{margin:.4rem 0 0;padding-left:1.2em}
figure{margin:2rem 0;min-width:0}
figcaption{font:400 .86rem/1.5 var(--sans);color:var(--ink);text-wrap:pretty}
figcaption .label{font-weight:600;margin-right:.15em}
figure.plot{display:flex;flex-direction:column;align-items:center}
figure.plot>figcaption,figure.plot>details{width:100%;max-width:var(--w)}
figure.plot .frame{width:100%;max-width:var(--w);overflow-x:auto;margin-bottom:.7rem}
figure.plot .canvas{width:100%;min-width:min(var(--least),336px);height:var(--h);background:var(--card);border:1px solid var(--hair);border-radius:8px;overflow:hidden;position:relative}
figure.plot .canvas>svg{display:block;width:100%;height:auto}
.waiting{position:absolute;inset:0;display:grid;place-items:center;padding:1.5rem;font:.86rem/1.5 var(--sans);color:var(--muted);text-align:center}
.row{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:0 1.4rem;align-items:start;margin:2rem 0}
.row:has(>:only-child){grid-template-columns:minmax(0,24rem);justify-content:center}.row>*{min-width:0}.row figure{margin:0 0 1rem}
details.numbers{font:400 .8rem/1.5 var(--sans);margin-top:.35rem;color:var(--muted)}
details.numbers summary{cursor:pointer;width:max-content}
details.numbers table{font-size:.76rem;margin-top:.4rem}
figure.code{margin:1.2rem 0}figure.code pre{margin:.4rem 0}.t-comment{color:var(--muted);font-style:italic}.t-text{color:var(--series3)}.t-number{color:var(--series2)}.t-word{color:var(--series4);font-weight:600}.t-call{color:var(--series1)}
.output{margin:.4rem 0 1.2rem;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--line);font-size:.8rem}pre.output{background:none;border-width:0 0 0 3px;border-radius:0;font:.78rem/1.45 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;color:var(--ink);white-space:pre-wrap;overflow-wrap:anywhere}.output.problem{border-color:var(--warn)}
.body img{max-width:100%;height:auto;border-radius:6px}
.line-number{position:absolute;transform:translateY(-50%);font:400 6.5pt/1 var(--sans);color:var(--muted);text-align:right;letter-spacing:0;text-indent:0;padding-right:1mm;width:6mm}
figure.table{font-family:var(--sans)}
figure.table figcaption{margin-bottom:.6rem}
.scroll{overflow-x:auto;overscroll-behavior-x:contain}
table{border-collapse:collapse;width:100%;font:400 .84rem/1.35 var(--sans);font-variant-numeric:lining-nums tabular-nums}
table{border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}
thead tr:last-child>*{border-bottom:1px solid var(--rule)}
th,td{padding:.24rem .65rem;text-align:center;vertical-align:baseline}
th{font-weight:600}
th[scope=colgroup]{border-bottom:1px solid var(--hair)}
th[scope=row],th[scope=rowgroup],th.stub{text-align:left;font-weight:400}th.stub{font-weight:600}
th[scope=rowgroup]{vertical-align:top}
figure.table th.edge{min-width:6.5em;text-wrap:balance}
thead :first-child,th.edge{padding-left:.2rem}td:last-child,thead th:last-child{padding-right:.2rem}
tr.opens>*{border-top:1px solid var(--hair)}
tr.summary>*{border-top:1px solid var(--rule)}
tbody tr:hover>td,tbody tr:hover>th[scope=row]{background:var(--soft)}
td.number{white-space:nowrap}
td.none,td.missing{color:var(--muted);font-style:italic;font-size:.78rem;white-space:nowrap}
td.missing,span.missing{color:var(--warn)}
.value{font-variant-numeric:lining-nums tabular-nums}
strong.value{font-weight:700}
u.value{text-underline-offset:.2em;text-decoration-thickness:.07em}
.spread{color:var(--muted);font-size:.84em;white-space:nowrap}
td .spread{display:block;line-height:1.15;margin-top:-.05rem}
.arrow{color:var(--muted);font-weight:400}
a.cite{margin-left:.18em;white-space:nowrap}
sup.mark{font-size:.68em;line-height:0}
.gen{font:600 .64em/1 var(--sans);letter-spacing:.03em;color:var(--gen);background:var(--gen-soft);border-radius:3px;padding:.12em .3em;margin-left:.3em;vertical-align:.28em;position:relative}
sup.gen{background:none;padding:0;margin-left:.08em;font-size:.66em;line-height:0;vertical-align:.5em}
figcaption .gen,.notice span.gen{font-size:.8em;vertical-align:.02em;white-space:nowrap}
.said .gen{font-size:.7em;vertical-align:.08em;white-space:nowrap}
.notes{list-style:none;margin:.5rem 0 0;padding:0;font:400 .76rem/1.5 var(--sans);color:var(--muted)}
.notes li{margin:0}
.notes .gen{margin:0 .1em 0 0}
.missing.block{border:1.5px dashed var(--warn);border-radius:8px;padding:1.4rem;color:var(--warn);background:var(--warn-soft);font:400 .9rem/1.5 var(--sans);text-align:center;margin:2rem 0}
span.missing{font:400 .86em var(--sans);border:1px dashed var(--warn);border-radius:4px;padding:.02em .35em}
.explorer .controls{display:flex;flex-wrap:wrap;gap:.6rem 1.1rem;align-items:center;width:100%;font:400 .84rem/1.4 var(--sans);padding:.7rem .9rem;border:1px solid var(--line);border-radius:8px;background:var(--soft);margin-bottom:.8rem}
.controls[hidden]{display:none!important}
.controls label{display:flex;align-items:center;gap:.45rem;color:var(--muted)}
.controls select{font:400 .84rem/1.4 var(--sans);color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.25rem .4rem}
.controls .slider{flex:1 1 15rem}.controls input{flex:1;min-width:7rem;accent-color:var(--accent)}
.controls output{font-variant-numeric:tabular-nums;min-width:3.2em;color:var(--ink);font-weight:600}
.explorer .which{font:400 .88rem/1.4 var(--sans);margin:0 0 .4rem;width:100%}
.explorer .row{width:100%;margin:0}
.readout{display:flex;flex-wrap:wrap;gap:.8rem 2rem;align-items:center;width:100%;margin:.2rem 0 .9rem;font-family:var(--sans)}
.readout table{width:auto;flex:0 0 auto}
.readout td.wrong{color:var(--anomalous);font-weight:600}
.readout dl{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin:0}
.readout dt{font-size:.74rem;color:var(--muted)}.readout dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
.cases .scroll{max-height:17rem;overflow:auto}.cases tbody tr{cursor:pointer}.cases td:first-child,.cases th:first-child{text-align:left}
.cases tr[aria-selected=true]>td{background:var(--gen-soft);color:var(--ink)}
.widget .twin{display:none}
.widget .live{width:100%;max-width:var(--w);min-height:9rem;margin-bottom:.7rem;font-family:var(--sans)}
.widget .controls{display:flex;flex-wrap:wrap;gap:.5rem 1.1rem;align-items:center;font:400 .84rem/1.4 var(--sans);padding:.6rem .8rem;border:1px solid var(--line);border-radius:8px;background:var(--soft);margin-bottom:.7rem}
.widget .slider{display:flex;gap:.5rem;align-items:center;flex:1 1 18rem}.widget .slider input{flex:1;min-width:6rem;accent-color:var(--accent)}
.widget .slider output{min-width:9em;font-weight:600;overflow-wrap:anywhere}
.toggles{display:flex;flex-wrap:wrap;gap:.3rem 1rem;border:0;margin:0;padding:0}.toggles legend{float:left;margin-right:.8rem;color:var(--muted)}
.toggle{display:flex;align-items:center;gap:.35rem;color:var(--ink);cursor:pointer}.widget .toggle input{flex:none;min-width:0;accent-color:var(--accent);margin:0;width:1rem;height:1rem}.widget .toggle{color:var(--ink)}
.swatch{width:1.1em;height:.75em;border:2px solid var(--own);border-radius:2px}.fill .swatch{background:color-mix(in srgb,var(--own) 45%,transparent)}.heat .swatch{border:0;background:linear-gradient(90deg,#0d0887,#cc4778,#f0f921)}.points .swatch{width:.7em;height:.7em;border-radius:50%;background:var(--own);border-color:#fffffe}
.stage{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,10.5rem),1fr));gap:.7rem;justify-items:center;margin-bottom:.5rem}
.pictured{width:100%;max-width:23rem}.pictured .heading{font-size:.8rem;margin-bottom:.25rem;color:var(--muted)}
.picture{position:relative;border:1px solid var(--hair);border-radius:6px;overflow:hidden;background:var(--shade)}
.picture>*{position:absolute;inset:0;width:100%;height:100%;image-rendering:pixelated}
.picture path{stroke:var(--own);stroke-width:2;vector-effect:non-scaling-stroke;fill:none}.picture path.fill{fill:color-mix(in srgb,var(--own) 45%,transparent);stroke-width:1}.picture circle{fill:var(--own);stroke:#fffffe;stroke-width:1;vector-effect:non-scaling-stroke}
.picture .letter{inset:auto;width:auto;height:auto;color:#fffffe;font:600 .78rem/1 var(--sans);text-shadow:0 0 3px #000}.side0{left:.35rem!important;top:calc(50% - .4rem)!important}.side1{right:.35rem!important;top:calc(50% - .4rem)!important}.side2{left:calc(50% - .3rem)!important;top:.3rem!important}.side3{left:calc(50% - .3rem)!important;bottom:.3rem!important}
.facts{display:flex;flex-wrap:wrap;gap:.4rem 1.6rem;margin:.2rem 0 .6rem}.facts dt{font-size:.74rem;color:var(--muted)}.facts dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
.steps{display:flex;font-size:.74rem;margin-bottom:.5rem}.steps span{padding:.1rem .7rem;border:1px solid var(--hair);background:color-mix(in srgb,var(--series2) calc(100%*(.25*sign(var(--share)) + .75*var(--share))),var(--card))}.steps::before{content:"raters";margin-right:.5rem;color:var(--muted)}
.steps span:last-child{color:var(--paper)}
.list{max-height:17rem;overflow:auto;position:relative}.list tbody tr{cursor:pointer}.list th[scope=row]{overflow-wrap:anywhere;text-align:left}.list thead th{position:sticky;top:0;background:var(--page)}
.list tr[aria-current]>*{background:var(--gen-soft);color:var(--ink)}
@media (max-width:40rem){.stage{grid-template-columns:repeat(auto-fit,minmax(min(100%,8rem),1fr))}}
.stage .none{color:var(--muted);font-size:.86rem}
canvas.surface{width:100%;max-width:26rem;aspect-ratio:1;display:block;margin:0 auto .6rem;touch-action:none;cursor:grab;border-radius:8px}canvas.surface:active{cursor:grabbing}
data[role=button]{cursor:pointer;border-radius:3px}data[role=button]:hover .value{color:var(--accent)}
button.copy{float:right;font-size:.7rem;padding:.25rem .5rem;margin-left:.6rem;color:var(--muted)}
button.sort{all:unset;cursor:pointer;font-weight:inherit}button.sort:hover{color:var(--accent)}button.sort:focus-visible{outline:2.5px solid var(--accent);outline-offset:3px;border-radius:3px}
th[aria-sort=descending] button::after{content:" ▾"}th[aria-sort=ascending] button::after{content:" ▴"}
dialog.record{width:min(44rem,calc(100vw - 2rem));max-height:82vh;overflow:auto;border:1px solid var(--line);border-radius:12px;background:var(--card);color:var(--ink);padding:1.1rem 1.4rem;font:400 .84rem/1.5 var(--sans)}
dialog.record::backdrop{background:#0006}
dialog.record header{display:flex;gap:1rem;justify-content:space-between;align-items:start}dialog.record h2{font-size:1.05rem;margin:.2rem 0 .8rem}
dialog.record dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:0 0 .8rem}dialog.record dt{color:var(--muted)}dialog.record dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.equation{display:grid;grid-template-columns:1fr auto;align-items:center;margin:1.3rem 0;overflow-x:auto;gap:1rem}
.equation math{justify-self:center}
.equation .number{font:400 .9rem var(--sans);color:var(--muted)}
math{font-family:var(--math);font-size:1em}
.references{list-style:none;padding:0;font-size:.86rem;line-height:1.5}
.references li{display:grid;grid-template-columns:2.4em 1fr;margin:.45em 0}
.references.named li{display:block;padding-left:1.5em;text-indent:-1.5em}
.references .key{font-family:var(--sans);color:var(--muted)}
:target{scroll-margin-top:4rem}
.references li:target,.footnote-item:target{background:var(--gen-soft)}
.footnotes{font-size:.84rem;line-height:1.5;border-top:1px solid var(--hair);margin-top:2rem;padding-top:.8rem}.footnotes-sep{display:none}.footnote-ref{font-size:.72em;line-height:0}
table.runs{font-size:.74rem;min-width:42rem}table.runs td,table.runs th{text-align:left;vertical-align:top}
table.runs code{font-size:.92em}table.runs td code{white-space:nowrap}
footer{font:400 .78rem/1.5 var(--sans);color:var(--muted);border-top:1px solid var(--line);margin-top:3rem;padding-top:1rem}
@media (max-width:40rem){figure.plot .canvas{min-width:var(--least)}.row .canvas{min-width:0!important}html{font-size:16.5px}h1{font-size:1.7rem}.front{padding-top:1.6rem}th,td{padding:.34rem .45rem}}
`;

/** A4, running heads and page numbers in the margins, nothing of the screen's furniture. */
export const printStyle = (title: string): string => `
@page{size:A4;margin:21mm 15mm 20mm;@top-left{content:"${cssText(title)}";font:400 8pt FolioSans,sans-serif;color:#57606a}@top-right{content:"Folio";font:400 8pt FolioSans,sans-serif;color:#57606a}@bottom-center{content:counter(page) " / " counter(pages);font:400 8pt FolioSans,sans-serif;color:#57606a}}
@page:first{@top-left{content:""}@top-right{content:""}}
@media print{
:root,:root[data-theme=dark]{color-scheme:light;${variables("light")};${ui.light};--page:#fff}
html{font-size:13px}
body{line-height:1.5;background:#fff}
.bar,.skip,.toc,details.numbers,button:not(.sort),.controls,dialog,.widget .live{display:none!important}
.widget .twin{display:block}
[data-lines] main{padding-left:8mm}
.layout{display:block;max-width:none;padding:0;margin:0}
.front{padding-top:0}
h2,h3,h4{break-after:avoid}
h2{margin-top:2.2rem}
figure,.equation,.missing.block,.notice,tr{break-inside:avoid}
figure.table:not(.whole){break-inside:auto}
figure.table figcaption{break-after:avoid}
table.runs tr{break-inside:auto}
thead{display:table-header-group}
p,li{orphans:3;widows:3}
figure.plot .canvas{border:0;height:auto;border-radius:0;background:none}
.row{grid-template-columns:1fr 1fr;break-inside:avoid}.row:has(>:only-child){grid-template-columns:minmax(0,26rem);justify-content:center}
.scroll,figure.plot .frame{overflow:visible}table.runs{min-width:0}figure.plot .canvas{min-width:0}
a{color:inherit;text-decoration:none}
.body a[href^="#"],.references a{color:var(--accent)}
tbody tr:hover>*{background:none}
pre{white-space:pre-wrap}
button.sort{display:contents}
.body.two{columns:2;column-gap:7mm;font-size:.94em}
.body.two figure.table,.body.two .row,.body.two .explorer,.body.two figure.plot.wide,.body.two .scroll,.body.two .references{column-span:all}
.body.two .row{margin:1rem 0}
.body.two .equation{font-size:.86em;overflow:visible}
}
`;

const cssText = (text: string): string => text.replaceAll(/[\\"\n<]/g, (character) => `\\${character.codePointAt(0)!.toString(16)} `);
