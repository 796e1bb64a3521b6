// Runs in the browser.
import { ask, attempt, button, choice, decodePicture, fileButton, fill, h, sendFile, slider, startPage, viewer, type Overlay } from "../../client/kit.js";
import type { AskAnswer, PictureAnswer, WordsAnswer } from "./answers.js";

startPage(async () => {
  const view = viewer({ label: "The picture that is asked about" });
  let opacity = 0.35;
  let grid: "shown" | "hidden" = "shown";
  let start = await ask<PictureAnswer>("start");
  let reply: AskAnswer | undefined;
  let piece = -1;
  let turn = 0;

  const draw = (): void => {
    const overlays: Overlay[] = [];
    if (reply && piece >= 0) overlays.push({ mask: decodePicture(reply.pieces[piece].map), colour: "series5", opacity: 0.75, outline: "none" });
    if (reply) overlays.push({ mask: decodePicture(reply.mask), colour: "series2", opacity: piece >= 0 ? 0 : opacity, outline: "solid" });
    if (grid === "shown") overlays.push({ mask: decodePicture(start.grid), colour: "series1", opacity: 0.6, outline: "none" });
    view.setOverlays(overlays);
  };

  const question = h("input", { type: "text", id: "question", maxlength: 200, autocomplete: "off" });
  const answer = h("p", { id: "answer", role: "status", "aria-live": "polite" }, "Ask something.");
  const facts = h("dl", { class: "facts", id: "facts" });
  const pieces = h("div", { class: "pieces", role: "group", "aria-label": "Pieces of the question" });
  const suggestions = h("div", { class: "suggestions" });
  const select = h("select", { id: "picture" });

  const showPieces = (): void => {
    fill(pieces, ...(reply?.pieces ?? []).map(({ text }, i) => h("button", { type: "button", "aria-pressed": String(i === piece), onclick: () => { piece = piece === i ? -1 : i; showPieces(); draw(); } }, text.trim() === "" ? "␣" : text))); // prettier-ignore
  };
  const fact = (name: string, value: string): Node[] => [h("dt", {}, name), h("dd", {}, value)];

  async function put(text: string): Promise<void> {
    const own = ++turn;
    question.value = text;
    answer.textContent = "…";
    reply = await ask<AskAnswer>("ask", { question: text });
    if (own !== turn) return;
    piece = -1;
    showPieces();
    draw();
    let said: WordsAnswer = { text: "", done: false, zone: null };
    for (;;) {
      const words = await ask<WordsAnswer>("more");
      if (own !== turn) return;
      if (words.done) break;
      said = words;
      answer.textContent = words.text;
    }
    if (said.text === "") answer.textContent = "(no words)";
    const { maskZone } = reply;
    fill(facts,
      ...fact("The mask lies", maskZone === null ? "nowhere: it is empty" : `${maskZone} (${reply.pixels} pixels)`),
      ...fact("The words", said.zone === null ? "name no place" : said.zone === maskZone ? "name the same place" : `say ${said.zone}: they contradict the mask`),
      ...(reply.strange.length > 0 ? fact("Never read", reply.strange.join(", ")) : []),
    );
  }

  const show = (next: PictureAnswer): void => {
    start = next;
    turn++;
    reply = undefined;
    piece = -1;
    view.setPicture(decodePicture(next.picture));
    fill(select, ...next.pictures.map((name, i) => h("option", { value: i, selected: i === next.chosen }, name)), ...(next.chosen < 0 ? [h("option", { value: -1, selected: true }, "your own picture")] : []));
    fill(suggestions, ...next.suggestions.map((text) => button(text, () => void attempt(() => put(text)))));
    answer.textContent = "Ask something.";
    fill(facts);
    showPieces();
    draw();
  };
  select.addEventListener("change", () => void attempt(async () => { if (Number(select.value) >= 0) show(await ask<PictureAnswer>("open", { picture: Number(select.value) })); })); // prettier-ignore
  const form = h("form", { class: "question", onsubmit: (event: Event) => { event.preventDefault(); void attempt(() => put(question.value)); } }, // prettier-ignore
    h("div", {}, h("label", { for: "question" }, "Your question"), question), h("button", { type: "submit", class: "primary" }, "Ask"));

  show(start);
  const controls = h("div", { class: "stack" },
    h("div", { class: "card stack" }, form, suggestions),
    h("div", { class: "card" }, h("h2", {}, "Answer"), answer, facts, h("h3", {}, "Which piece was looked at from where"), pieces),
    h("div", { class: "card stack" },
      h("div", {}, h("label", { for: "picture" }, "Picture"), select),
      fileButton("Open a picture of yours", { accept: ".png,.jpg,.jpeg", onFiles: ([file]) => void attempt(async () => show(await sendFile<PictureAnswer>("load", file))) }),
      slider({ label: "Opacity of the mask", min: 0, max: 1, step: 0.05, value: opacity, onChange: (value) => { opacity = value; draw(); } }).element, // prettier-ignore
      choice("Zone grid", [{ value: "shown", label: "Shown" }, { value: "hidden", label: "Hidden" }], grid, (value) => { grid = value; draw(); }).element), // prettier-ignore
  );
  return [h("div", { class: "columns" }, view.element, controls)];
});
