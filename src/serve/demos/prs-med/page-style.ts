export const pageStyle = `
#facts+h3{margin-top:.9rem}
.pieces{display:flex;flex-wrap:wrap;gap:.25rem;margin:.3rem 0 0}
.pieces button{min-height:2rem;padding:.3rem .5rem;font-weight:400}
.pieces button[aria-pressed=true]{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
#answer{font-size:1.08rem;min-height:3em}
#demo .question{display:flex;gap:.5rem;align-items:end;flex-wrap:wrap}
#demo .question div{flex:1 1 14rem}
.suggestions{display:flex;flex-direction:column;gap:.3rem;align-items:start}
.suggestions button{font-weight:400;text-align:left}
`;
