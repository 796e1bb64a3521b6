// Runs in the browser.
import { ask, attempt, button, choice, decodePicture, download, fileButton, fill, h, inTurn, sendFile, shortcuts, startPage, toast, viewer, type Overlay, type Picture } from "../../client/kit.js";
import type { SentPicture } from "../../picture.js";
import type { SliceAnswer, StartAnswer, TurnAnswer, UserClick } from "./answers.js";

/** Raters have the colours of the figures in their order; the mask has one that no rater has. */
const raterColours = ["series1", "series3", "series4", "series5", "series6", "series7", "series8", "anomalous"] as const;
const maskColour = "series2";

type Look = "outline" | "filled" | "probability";

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const raterName = (rater: number): string => `Rater ${rater + 1}`;

startPage(async () => {
  let slice: SliceAnswer = await ask<StartAnswer>("start");
  let turn: TurnAnswer = slice;
  let label: 0 | 1 = 1;
  let look: Look = "outline";
  let raterLines: "shown" | "hidden" = "hidden";
  let wanted = "";
  let suggested: UserClick | undefined;
  let outlines: readonly Picture[] = [];

  const view = viewer({
    label: "The slice and the mask on it",
    describe: (x, y) => {
      const p = decodedProbability()[y * slice.picture.width + x];
      return `${p >= 128 ? "inside" : "outside"} the mask, probability ${(p / 255).toFixed(2)}`;
    },
    onPick: (x, y, how) => click({ x, y, label: how === "primary" ? label : label === 1 ? 0 : 1 }),
  });
  let decoded: { from: SentPicture; bytes: Uint8Array } | undefined;
  function decodedProbability(): Uint8Array {
    if (decoded?.from !== turn.probability) decoded = { from: turn.probability, bytes: decodePicture(turn.probability).bytes };
    return decoded.bytes;
  }

  // What one does
  const act = (name: string, body: unknown = {}, possible = (): boolean => true): void =>
    void inTurn(async () => {
      if (!possible()) return;
      turn = await ask<TurnAnswer>(name, body);
      suggested = undefined;
      showTurn();
    });
  const click = (one: UserClick): void => act("click", one);
  const undoLast = (): void => act("undo", {}, () => turn.canUndo);
  const redoNext = (): void => act("redo", {}, () => turn.canRedo);
  const clearAll = (): void => act("clear", {}, () => turn.canUndo || turn.canRedo);
  const suggest = (): void =>
    void inTurn(async () => {
      const { click: found } = await ask<{ click: UserClick | null }>("suggest", wanted === "" ? {} : { rater: Number(wanted) });
      if (found === null) return toast("The mask is exactly that rater's: there is nothing left to click.");
      if (suggested !== undefined && suggested.x === found.x && suggested.y === found.y) return click(found); // asked twice: take it
      suggested = found;
      setLabel(found.label);
      showTurn();
      toast(`Suggested: a ${found.label === 1 ? "positive" : "negative"} click at x ${found.x}, y ${found.y}. Ask again to make it.`);
    });
  const opened = (next: SliceAnswer | undefined): void => {
    if (next === undefined) return;
    [slice, turn, suggested] = [next, next, undefined];
    showSlice();
  };

  // What one sees
  const verdict = h("div", { class: "card", role: "status" });
  const historyPlace = h("div", { class: "card" });
  const gallery = h("div", { class: "gallery" });
  const galleryCard = h("section", { class: "card", "aria-label": "Raters" }, h("h2", {}, "The raters"), gallery);
  const modes = choice("A click says: this pixel", [{ value: "1", label: "+ belongs" }, { value: "0", label: "− does not" }], "1", (value) => setLabel(value === "1" ? 1 : 0));
  const setLabel = (next: 0 | 1): void => {
    label = next;
    modes.set(next === 1 ? "1" : "0");
  };
  const looks = choice<Look>("Mask", [{ value: "outline", label: "Outline" }, { value: "filled", label: "Filled" }, { value: "probability", label: "Probability" }], look, (value) => {
    look = value;
    showTurn();
  });
  const lines = choice("Raters' outlines", [{ value: "hidden", label: "Hidden" }, { value: "shown", label: "Shown" }], raterLines, (value) => {
    raterLines = value;
    showTurn();
  });
  const goal = choice<string>("I want the outline of", [{ value: "", label: "whoever it follows" }], "", (value) => {
    wanted = value;
    suggested = undefined;
    showTurn();
  });
  const undo = button("Undo", undoLast, { keys: "U" });
  const redo = button("Redo", redoNext, { keys: "R" });
  const clear = button("Clear", clearAll, { keys: "C" });
  const suggestButton = button("Suggest a click", suggest, { keys: "N", primary: true });
  const picker = h("select", { id: "pick" });
  picker.addEventListener("change", () => {
    if (picker.value !== "") void inTurn(() => ask<StartAnswer>("open", { slice: Number(picker.value) })).then(opened);
  });
  const files = h("div", { class: "row" },
    fileButton("Open an image", { accept: "image/png,image/jpeg", onFiles: ([file]) => void inTurn(() => sendFile<StartAnswer>("image", file)).then(opened) }),
    fileButton("Add raters' masks", {
      accept: "image/png,image/jpeg",
      multiple: true,
      onFiles: async (masks) => {
        for (const file of masks) opened(await inTurn(() => sendFile<StartAnswer>("mask", file)));
      },
    }),
  );
  const save = h("div", { class: "row" },
    button("Save the mask", () => void attempt(() => download("save-mask"))),
    button("Save the clicks", () => void attempt(() => download("save-clicks"))),
  );

  const maskOverlay = (): Overlay => ({
    mask: { width: slice.picture.width, height: slice.picture.height, channels: 1, bytes: look === "filled" ? decodedProbability().map((p) => (p >= 128 ? 255 : 0)) : decodedProbability() },
    colour: maskColour,
    opacity: { outline: 0, filled: 0.45, probability: 0.7 }[look],
    outline: "solid",
  });

  function showTurn(): void {
    const shownRaters = raterLines === "shown" ? outlines.map((mask, i): Overlay => ({ mask, colour: raterColours[i], opacity: 0, outline: "dashed" })) : [];
    const overlay = maskOverlay();
    view.setOverlays([...shownRaters, overlay]);
    view.setMarkers([...turn.clicks.map(({ x, y, label: own }) => ({ x, y, kind: own === 1 ? ("positive" as const) : ("negative" as const) })), ...(suggested ? [{ ...suggested, kind: "suggested" as const }] : [])]);
    undo.disabled = !turn.canUndo;
    redo.disabled = !turn.canRedo;
    clear.disabled = !turn.canUndo && !turn.canRedo;
    showVerdict();
    showHistory();
    showGallery(overlay);
  }

  function showVerdict(): void {
    const { raters, clicks } = turn;
    if (raters.length === 0) {
      fill(verdict, h("p", { class: "verdict" }, `${clicks.length} ${clicks.length === 1 ? "click" : "clicks"}. Add raters' masks to see whom the mask follows.`));
      return;
    }
    const order = raters.map((_, i) => i).sort((a, b) => raters[b].dice - raters[a].dice);
    const [first, second] = order;
    const lead = second === undefined ? undefined : raters[first].dice - raters[second].dice;
    const sure = lead === undefined ? "" : lead < 0.03 ? "hardly more than" : lead < 0.1 ? "more than" : "clearly more than";
    const nobody = raters[first].dice < 0.1;
    const follows = nobody ? h("p", { class: "verdict" }, "The mask follows nobody yet: its Dice with every rater is below 0.1.") : h("p", { class: "verdict" }, "The mask follows ", h("b", {}, raterName(first)), `: Dice ${raters[first].dice.toFixed(2)}`,
      lead === undefined ? "." : `, ${sure} ${raterName(second)} with ${raters[second].dice.toFixed(2)}.`);
    const told = clicks.length > 0 && Math.max(...raters.map(({ share }) => share)) - Math.min(...raters.map(({ share }) => share)) > 1e-9;
    const speak = h("p", { class: "verdict muted" }, clicks.length === 0 ? "You have not clicked yet, so nothing speaks for one rater or another." : told ? "Your clicks speak for:" : "Your clicks fit all raters alike, so they do not tell them apart yet.");
    const shares = h("div", { class: "shares" }, ...raters.flatMap(({ share, agrees }, i) => {
      const bar = h("div", {});
      bar.style.setProperty("width", `${100 * share}%`);
      bar.style.setProperty("background", `var(--${raterColours[i]})`);
      return [h("span", {}, raterName(i)), h("div", { class: "track", "aria-hidden": "true" }, bar), h("span", {}, `${percent(share)} · ${agrees} of ${clicks.length}`)];
    }));
    fill(verdict, follows, speak, told ? shares : undefined);
  }

  function showHistory(): void {
    const { history, raters } = turn;
    const head = h("tr", {}, h("th", { scope: "col" }, "After"), ...raters.map((_, i) => h("th", { scope: "col", class: "number" }, raterName(i))));
    const rows = history.map((dice, round) => {
      const best = Math.max(...dice);
      const name = round === 0 ? "no click" : `click ${round}`;
      return h("tr", {}, h("th", { scope: "row" }, name), ...dice.map((value) => h("td", { class: `number${value === best ? " best" : ""}` }, value.toFixed(3))));
    });
    historyPlace.hidden = raters.length === 0;
    fill(historyPlace, h("h2", {}, "Dice with each rater"), h("table", { class: "history" }, h("thead", {}, head), h("tbody", {}, ...rows)));
  }

  let galleryViews: ReturnType<typeof viewer>[] = [];
  let captions: HTMLElement[] = [];
  function buildGallery(): void {
    galleryViews = slice.outlines.map((_, i) => viewer({ label: `Slice with the outline of ${raterName(i)} and the mask` }));
    captions = slice.outlines.map(() => h("figcaption", {}));
    fill(gallery, ...galleryViews.map(({ element }, i) => h("figure", {}, element, captions[i])));
    for (const each of galleryViews) each.setPicture(decodePicture(slice.picture));
    galleryCard.hidden = slice.outlines.length === 0;
  }
  function showGallery(overlay: Overlay): void {
    const mask: Overlay = { ...overlay, opacity: 0 };
    for (const [i, each] of galleryViews.entries()) {
      const { dice, iou, agrees } = turn.raters[i];
      each.setOverlays([{ mask: outlines[i], colour: raterColours[i], opacity: 0.25, outline: "dashed" }, mask]);
      const swatch = h("span", { class: "swatch dashed" });
      swatch.style.setProperty("border-color", `var(--${raterColours[i]})`);
      fill(captions[i], swatch, h("b", {}, raterName(i)), h("br"), `Dice ${dice.toFixed(3)} · IoU ${iou.toFixed(3)}`, h("br"), `agrees with ${agrees} of ${turn.clicks.length} ${turn.clicks.length === 1 ? "click" : "clicks"}`);
    }
  }

  function showSlice(): void {
    const { slices, chosen } = slice as StartAnswer;
    view.setPicture(decodePicture(slice.picture));
    outlines = slice.outlines.map(decodePicture);
    fill(picker, chosen === -1 ? h("option", { value: "", selected: true }, slice.name) : undefined, ...slices.map((name, i) => h("option", { value: i, selected: i === chosen }, name)));
    wanted = "";
    goal.offer([{ value: "", label: "whoever it follows" }, ...slice.outlines.map((_, i) => ({ value: String(i), label: raterName(i) }))], "");
    goal.element.hidden = lines.element.hidden = slice.outlines.length === 0;
    buildGallery();
    showTurn();
  }

  shortcuts({
    u: undoLast,
    r: redoNext,
    c: clearAll,
    n: suggest,
    p: () => setLabel(1),
    m: () => setLabel(0),
  });
  showSlice();

  const legendSwatch = h("span", { class: "swatch" });
  legendSwatch.style.setProperty("border-color", `var(--${maskColour})`);
  const help = h("p", { class: "muted" }, legendSwatch, "the mask. Right click, long press or Shift turns a click round; P and M choose + and −.");
  const left = h("div", { class: "stack" }, view.element, h("div", { class: "row" }, suggestButton, undo, redo, clear), help);
  const right = h("div", { class: "stack" },
    h("div", { class: "card stack" }, modes.element, goal.element, h("div", { class: "row" }, looks.element, lines.element)),
    verdict, historyPlace,
    h("div", { class: "card stack" }, h("div", {}, h("label", { for: "pick" }, "Picture"), picker), files, save),
  );
  return [h("div", { class: "columns aespa" }, left, right, galleryCard)];
});
