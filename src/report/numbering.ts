import { itemOf, type Section, type Token } from "./markdown.js";
import type { Item } from "./template/items.js";

/** What a reference prints: "Table 2", "Figure 1", "Equation 3", "Section 2.1". */
export interface Numbered {
  readonly id: string;
  readonly kind: "Table" | "Figure" | "Equation" | "Listing" | "Section" | "Appendix";
  readonly number: string;
}

const kinds: Partial<Record<Item["kind"], Numbered["kind"]>> = { table: "Table", figure: "Figure", explorer: "Figure", widget: "Figure", equation: "Equation", code: "Listing" };

/** Numbers tables, figures and equations in the order they stand in the text; a missing one keeps its place. */
export function numberItems(tokens: readonly Token[], items: readonly Item[], sections: readonly Section[]): ReadonlyMap<string, Numbered> {
  const counts = { Table: 0, Figure: 0, Equation: 0, Listing: 0 };
  const found: Numbered[] = tokens.flatMap((token) => {
    if (token.type !== "folio_block") return [];
    const item = itemOf(token, items);
    const id = "id" in item ? item.id : undefined;
    if (id === undefined) return [];
    const kind = item.kind === "missing" ? (id.startsWith("tab") ? "Table" : "Figure") : kinds[item.kind];
    if (kind === undefined || kind === "Section" || kind === "Appendix") return [];
    counts[kind] += 1;
    return [{ id, kind, number: String(counts[kind]) }];
  });
  const headings = sections.filter((section) => section.number !== "").map(({ id, number }): Numbered => ({ id, kind: /^[A-Z]/.test(number) ? "Appendix" : "Section", number }));
  return new Map([...headings, ...found].map((item) => [item.id, item]));
}
