import { tokens, type Theme } from "../figures/index.js";

const colours = (theme: Theme): string => Object.entries(tokens[theme]).map(([name, value]) => `--${name}:${value}`).join(";");

const ui = {
  light: "--accent:#0a5c97;--on-accent:#ffffff;--page:#fbfbf9;--card:#ffffff;--line:#c3cad2;--hair:#e4e8ec;--soft:#f1f4f7;--warn:#8a3a00;--warn-soft:#fff4ea;--gen:#6b4e00;--gen-soft:#fbf1d3",
  dark: "--accent:#7cc0f5;--on-accent:#0f1317;--page:#0f1317;--card:#14181d;--line:#3d4854;--hair:#262d35;--soft:#1a2027;--warn:#ffb27a;--warn-soft:#2b1d10;--gen:#e9cf7c;--gen-soft:#2e2712",
};

/**
 * The kit's style; colours are those of figures and reports. Classes for a page's layout: `columns` (a wide and a narrow
 * column, one below the other on a telephone), `card`, `row` (side by side, wraps), `stack` (below each other), `muted`,
 * `gallery` (small pictures), `facts` (a definition list as two columns), `sr` (for screen readers only).
 */
export const kitStyle = `
@font-face{font-family:FolioSans;font-weight:400;font-display:swap;src:url(/sans-400.woff2) format("woff2")}
@font-face{font-family:FolioSans;font-weight:600;font-display:swap;src:url(/sans-600.woff2) format("woff2")}
:root{color-scheme:light;${colours("light")};${ui.light};--sans:FolioSans,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${colours("dark")};${ui.dark}}}
:root[data-theme=dark]{color-scheme:dark;${colours("dark")};${ui.dark}}
*{box-sizing:border-box}
html{font-size:17px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:400 1rem/1.5 var(--sans)}
a{color:var(--accent)}
:focus-visible{outline:2.5px solid var(--accent);outline-offset:2px;border-radius:4px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.bar{position:sticky;top:0;z-index:5;display:flex;gap:1rem;align-items:center;justify-content:space-between;padding:.45rem 1.25rem;background:color-mix(in srgb,var(--page) 92%,transparent);backdrop-filter:blur(8px);border-bottom:1px solid var(--hair);font-size:.85rem}
.bar .name{color:var(--muted)}
main{max-width:72rem;margin:0 auto;padding:0 1.25rem 4rem}
.front{padding:1.4rem 0 .6rem}
h1{font:600 1.7rem/1.2 var(--sans);letter-spacing:-.015em;margin:0 0 .35rem;text-wrap:balance}
h2{font:600 1.05rem/1.3 var(--sans);margin:0 0 .6rem}
h3{font:600 .92rem/1.3 var(--sans);margin:0 0 .4rem}
p{margin:0 0 .8em;text-wrap:pretty}
.lead{color:var(--muted);margin:0 0 .6rem;max-width:46rem}
.muted,.where,.waiting{color:var(--muted)}
.notice{border:1px solid var(--line);border-left:4px solid var(--gen);background:var(--gen-soft);border-radius:6px;padding:.5rem .9rem;margin:0 0 1rem;font-size:.87rem}
.columns{display:grid;grid-template-columns:minmax(0,1fr);gap:1.25rem;align-items:start}
@media (min-width:56rem){.columns{grid-template-columns:minmax(0,1.35fr) minmax(0,1fr);gap:1.75rem}}
.card{background:var(--card);border:1px solid var(--hair);border-radius:10px;padding:1rem 1.1rem}
.stack{display:flex;flex-direction:column;gap:1rem;min-width:0}
.row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.9rem}
.gallery figure{margin:0;min-width:0}
figcaption{font-size:.84rem;line-height:1.4;margin-top:.3rem}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0;font-variant-numeric:tabular-nums}
.facts dt{color:var(--muted)}.facts dd{margin:0}
button,.file{display:inline-flex;align-items:center;gap:.5em;min-height:2.4rem;font:600 .87rem/1 var(--sans);color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:7px;padding:.5rem .8rem;cursor:pointer}
button:hover:not(:disabled),.file:hover{border-color:var(--accent);color:var(--accent)}
button.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
button.primary:hover:not(:disabled){color:var(--on-accent);filter:brightness(1.08)}
button:disabled,button.primary:disabled{color:var(--muted);background:var(--soft);border-color:var(--line);cursor:not-allowed}
kbd{font:400 .74rem/1 var(--sans);color:var(--muted);border:1px solid var(--line);border-radius:4px;padding:.14em .38em}
button.primary kbd{color:inherit;border-color:currentColor}
@media (hover:none){kbd{display:none}}
.filebox{display:inline-block;position:relative}.filebox.over .file{border-style:dashed;border-color:var(--accent)}
.filebox input:focus-visible+.file{outline:2.5px solid var(--accent);outline-offset:2px}
fieldset.choice{border:0;margin:0;padding:0;min-width:0}
fieldset.choice legend{padding:0;font-size:.84rem;color:var(--muted);margin-bottom:.25rem}
fieldset.choice .row{gap:0}
fieldset.choice label{position:relative;cursor:pointer}
fieldset.choice input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
fieldset.choice span{display:block;min-height:2.4rem;padding:.55rem .85rem;border:1px solid var(--line);margin-left:-1px;font:600 .87rem/1.3rem var(--sans);background:var(--card)}
fieldset.choice label:first-child span{border-radius:7px 0 0 7px;margin-left:0}fieldset.choice label:last-child span{border-radius:0 7px 7px 0}
fieldset.choice input:checked+span{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
fieldset.choice input:focus-visible+span{outline:2.5px solid var(--accent);outline-offset:2px;position:relative;z-index:1}
.slider{display:grid;grid-template-columns:1fr max-content;gap:.1rem .8rem;align-items:center}
.slider label{font-size:.84rem;color:var(--muted)}.slider input{grid-row:2;grid-column:1/3;width:100%;min-height:1.6rem;accent-color:var(--accent)}
.slider output{font-variant-numeric:tabular-nums;font-size:.87rem;font-weight:600}
input[type=text],textarea,select{font:400 .95rem/1.4 var(--sans);color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:7px;padding:.5rem .7rem;width:100%}
.viewer{min-width:0}
.viewer canvas{display:block;width:100%;max-height:min(78vh,46rem);object-fit:contain;background:#000;border:1px solid var(--line);border-radius:8px;touch-action:pan-y;cursor:crosshair}
.viewer .where{font-size:.82rem;margin:.3rem 0 0;min-height:1.4em;font-variant-numeric:tabular-nums}
table{border-collapse:collapse;width:100%;font-size:.87rem;font-variant-numeric:lining-nums tabular-nums}
th,td{padding:.28rem .5rem;text-align:left;border-bottom:1px solid var(--hair)}td.number,th.number{text-align:right}
.toasts{position:fixed;right:1rem;bottom:1rem;z-index:20;display:flex;flex-direction:column;gap:.5rem;max-width:min(26rem,calc(100vw - 2rem))}
.toast{display:flex;gap:.7rem;align-items:start;justify-content:space-between;background:var(--card);border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:8px;padding:.6rem .6rem .6rem .9rem;font-size:.87rem;box-shadow:0 4px 18px #0003;overflow-wrap:anywhere}
.toast.error{border-left-color:var(--warn)}
.toast button{min-height:1.6rem;border:0;background:none;padding:0 .4rem;font-size:1.1rem}
@media (prefers-reduced-motion:no-preference){button{transition:border-color .12s,color .12s}}
`;
