// Runs in the browser.

const wanted = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export const isDark = (): boolean => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : wanted.matches;
};

/** A colour of the style sheet as it is now: `themeColour("series1")`. */
export const themeColour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** What is drawn on a canvas must be drawn again when the theme changes. */
export function onTheme(redraw: () => void): void {
  listeners.add(redraw);
}

export function setUpTheme(): void {
  const button = document.getElementById("theme")!;
  const say = (): void => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to the ${isDark() ? "light" : "dark"} theme`);
    for (const redraw of listeners) redraw();
  };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    say();
  });
  wanted.addEventListener("change", say);
  button.hidden = false;
  say();
}
