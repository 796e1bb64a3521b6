// Runs in the browser.
import { ask, attempt, button, choice, decodePicture, download, fileButton, h, sendFile, shortcuts, slider, startPage, toast, viewer } from "../client/kit.js";
import type { SentPicture } from "../picture.js";

interface Answer {
  readonly picks: number;
  readonly mask: SentPicture;
}

startPage(async () => {
  const start = await ask<Answer & { readonly picture: SentPicture }>("start");
  const count = h("output", { id: "count" }, start.picks);
  let opacity = 0.5;
  let outline: "solid" | "dashed" | "none" = "solid";
  let last: Answer = start;

  const view = viewer({
    label: "A grey ramp",
    describe: (x) => `level ${x}`,
    onPick: (x, y, how) => void attempt(async () => show(await ask<Answer>("pick", { x, y, how }))),
  });
  view.setPicture(decodePicture(start.picture));
  const show = (answer: Answer): void => {
    last = answer;
    count.textContent = String(answer.picks);
    view.setOverlays([{ mask: decodePicture(answer.mask), colour: "series2", opacity, outline }]);
  };
  show(start);
  view.setMarkers([{ x: 2, y: 2, kind: "suggested" }]);

  const controls = h("div", { class: "card stack" },
    h("p", {}, "Picks so far: ", count),
    slider({ label: "Opacity of the marks", min: 0, max: 1, step: 0.1, value: opacity, onChange: (value) => { opacity = value; show(last); } }).element, // prettier-ignore
    choice("Outline", [{ value: "solid", label: "Solid" }, { value: "none", label: "None" }], "solid", (value) => { outline = value; show(last); }).element, // prettier-ignore
    h("div", { class: "row" },
      fileButton("Load marks", { accept: ".bin", onFiles: ([file]) => void attempt(async () => show(await sendFile<Answer>("load", file))) }),
      button("Save marks", () => void attempt(() => download("save")), { keys: "S" }),
      button("Fail", () => void attempt(() => ask("fail"))),
    ),
  );
  shortcuts({ s: () => toast("S was pressed") });
  return [h("div", { class: "columns" }, view.element, controls)];
});
