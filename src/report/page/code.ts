import { escapeHtml } from "../html-text.js";

const words = "abstract|as|async|await|break|case|catch|class|const|continue|default|delete|do|else|enum|export|extends|false|finally|for|from|function|get|if|implements|import|in|infer|instanceof|interface|is|keyof|let|new|null|of|private|readonly|return|satisfies|set|static|super|switch|this|throw|true|try|type|typeof|undefined|using|var|void|while|yield";
const pattern = new RegExp(String.raw`(?<comment>\/\/[^\n]*|\/\*[^]*?\*\/)|(?<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\x60(?:\\.|[^\x60\\])*\x60)|(?<number>\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?n?\b)|(?<word>\b(?:${words})\b)|(?<call>\b[A-Za-z_$][\w$]*(?=\())`, "gu");

/** TypeScript with its comments, texts, numbers, keywords and calls marked; everything escaped. */
export function highlighted(source: string): string {
  let html = "";
  let from = 0;
  for (const match of source.matchAll(pattern)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined) ?? ["text"];
    html += `${escapeHtml(source.slice(from, match.index))}<span class="t-${kind}">${escapeHtml(match[0])}</span>`;
    from = match.index + match[0].length;
  }
  return html + escapeHtml(source.slice(from));
}
