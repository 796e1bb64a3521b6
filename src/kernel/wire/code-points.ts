/** Jupyter counts a cursor in Unicode code points, JavaScript in UTF-16 units; they differ after an emoji. */
export function toUnits(text: string, codePoints: number): number {
  let units = 0;
  for (let i = 0; i < codePoints && units < text.length; i++) units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

export const toCodePoints = (text: string, units: number): number => Array.from(text.slice(0, units)).length;
