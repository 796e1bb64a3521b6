// What the texts behind options are read as; commander names the option in the error.
import { InvalidArgumentError } from "commander";

/** From 0. */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text))) throw new InvalidArgumentError("A whole number is needed.");
  return Number(text);
}

/** From 1. */
export function countingNumber(text: string): number {
  if (wholeNumber(text) < 1) throw new InvalidArgumentError("A whole number from 1 is needed.");
  return Number(text);
}

export function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError("A number between 0 and 1 is needed.");
  return value;
}

export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("A number is needed.");
  return value;
}

export function commaList(text: string): string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.length === 0) throw new InvalidArgumentError("A list such as a,b is needed.");
  return names;
}

export function labelList(text: string): number[] {
  return commaList(text).map((item) => {
    const label = wholeNumber(item);
    if (label < 1 || label > 65535) throw new InvalidArgumentError("Labels are whole numbers from 1 to 65535.");
    return label;
  });
}

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
