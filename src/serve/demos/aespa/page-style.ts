export const pageStyle = `
.verdict{margin:0}
.verdict+.verdict{margin-top:.5rem}
.swatch{display:inline-block;width:1.5em;height:0;border-top:3px solid;margin-right:.45em;vertical-align:.28em}
.swatch.dashed{border-top-style:dashed}
.shares{display:grid;grid-template-columns:max-content minmax(4rem,1fr) max-content;gap:.35rem .7rem;align-items:center;font-size:.87rem;font-variant-numeric:tabular-nums;margin:.7rem 0 0}
.shares .track{height:.6rem;border-radius:.3rem;background:var(--soft);border:1px solid var(--hair);overflow:hidden}
.shares .track div{height:100%}
.history td:first-child,.history th:first-child{white-space:nowrap}
.history td.best{font-weight:600}
.gallery .viewer .where{display:none}
.gallery .viewer canvas{cursor:default}
@media (min-width:56rem){.columns.aespa{grid-template-rows:auto 1fr}.columns.aespa>:nth-child(2){grid-area:1/2/3/3}}
#pick{max-width:24rem}
`;
