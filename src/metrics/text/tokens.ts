/** Words and single punctuation marks, in lower case. @example words("Top-left.") // ["top", "-", "left", "."] */
export function wordsAndMarks(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

/** Runs of ASCII letters and digits in lower case: what the `rouge_score` package counts. */
export function plainWords(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** How often each run of n tokens occurs. */
export function ngrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const key = tokens.slice(i, i + n).join("\u0000");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** n-grams that both have, each as often as the one that has it less often. */
export function shared(first: ReadonlyMap<string, number>, second: ReadonlyMap<string, number>): number {
  let count = 0;
  for (const [key, times] of first) count += Math.min(times, second.get(key) ?? 0);
  return count;
}
