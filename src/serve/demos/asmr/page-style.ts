export const pageStyle = `
.scans{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem}
.scans h2{margin-bottom:.35rem}
.scans .viewer canvas{max-height:26rem}
.key{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.84rem;margin:.2rem 0 0}
.swatch{display:inline-block;width:1.1em;height:.7em;border-radius:2px;margin-right:.4em}
.history{max-height:19rem;overflow:auto}
.history td.best{font-weight:600}
#demo .verdict{margin:.6rem 0 0}
.variety{margin:0;font-size:.9rem;color:var(--muted)}
.below{margin-top:1.25rem}
#slice,#run{max-width:16rem}
`;
