import { InvalidValue } from "../../core/index.js";
import { demo, Download, type Demo, type DemoDefinition } from "../demo.js";
import { Fields } from "../fields.js";
import { sendPicture } from "../picture.js";

/** What one user of the example has. */
interface Dots {
  readonly size: number;
  readonly marked: Uint8Array;
  picks: number;
}

/** The smallest demo that uses everything: a picture on which one marks pixels. Tests serve it; README.md explains it. */
export const exampleDemo: DemoDefinition = {
  name: "example",
  summary: "Mark pixels of a picture.",
  options: [{ flags: "--size <pixels>", description: "side of the picture", default: "16" }],
  example: "folio demo example --size 32",
  open: ({ options }) => Promise.resolve(openExample(Number(options.size))),
};

export function openExample(size: number, closed: () => void = () => {}, left: () => void = () => {}): Demo {
  const grey = Uint8Array.from({ length: size * size }, (_, i) => 255 * ((i % size) / size));
  const answer = ({ marked, picks }: Dots) => ({ picks, mask: sendPicture(size, size, 1, marked) });
  return demo<Dots>({
    title: "Example",
    lead: "Click on pixels to mark them.",
    notice: "Nothing here is real.",
    page: new URL("./page.fixture.js", import.meta.url),
    begin: () => ({ size, marked: new Uint8Array(size * size), picks: 0 }),
    end: left,
    close: async () => closed(),
    routes: {
      start: { takes: "json", answer: ({ state }) => ({ picture: sendPicture(size, size, 1, grey), ...answer(state) }) },
      pick: {
        takes: "json",
        answer: async ({ state, body }) => {
          const fields = new Fields(body);
          const at = fields.whole("y", 0, size - 1) * size + fields.whole("x", 0, size - 1);
          const before = state.picks;
          await new Promise((done) => setTimeout(done, 5)); // two at once would both count from here
          state.picks = before + 1;
          state.marked[at] = fields.oneOf("how", ["primary", "secondary"]) === "primary" ? 255 : 0;
          return answer(state);
        },
      },
      load: {
        takes: "bytes",
        maxBytes: 1024,
        answer: ({ state, bytes, fileName }) => {
          if (bytes.length !== state.marked.length) throw new InvalidValue(fileName, `must hold ${state.marked.length} bytes`, bytes.length);
          state.marked.set(bytes);
          return answer(state);
        },
      },
      save: { takes: "json", answer: ({ state }) => new Download(state.marked, "application/octet-stream", "marks.bin") },
      fail: { takes: "json", answer: () => { throw new Error("a secret of the server"); } }, // prettier-ignore
    },
  });
}
