import { axisOf, equal } from "../lowering/rule.js";
import { blocked, isImage, type Form, type Image } from "./form.js";
import type { Forms } from "./forms.js";
import { convolutionInputGradient } from "./input-gradient.js";
import { layoutRule, type LayoutRules } from "./layout-rule.js";

/** Joining and cutting along the channels, by whole blocks. */
export const channelRules: LayoutRules = {
  Concat: layoutRule<{ axis: number }>(({ forms, attrs, outputs: [{ shape }] }, operands) => {
    if (shape.length !== 4 || axisOf(attrs.axis, 4) !== 3 || !operands.some(isImage)) return undefined;
    if (!operands.every((form) => forms.blocked.fills(form!.shape[3]))) return undefined;
    return [{ kind: "joined", parts: (operands as Form[]).map((form) => (isImage(form) ? form : forms.affine(form))), shape }];
  }),
  SplitV: layoutRule<{ axis: number }>(({ forms, attrs, outputs }, [x]) => {
    if (!isImage(x) || axisOf(attrs.axis, 4) !== 3) return undefined;
    if (!outputs.every(({ shape }) => forms.blocked.fills(shape[3]))) return undefined;
    let first = 0;
    return outputs.map(({ shape }) => {
      first += shape[3];
      return cut(forms, x, first - shape[3], shape);
    });
  }),
  Slice: layoutRule<{ begin: number | number[] }>(({ forms, attrs, outputs: [{ shape }] }, [x]) => {
    if (!isImage(x) || !equal(shape.slice(0, 3), x.shape.slice(0, 3))) return undefined;
    const first = [attrs.begin].flat()[3] ?? 0;
    if (!forms.blocked.fills(first) || !forms.blocked.fills(shape[3])) return undefined;
    return [cut(forms, x, first, shape)];
  }),
};

/** `shape[3]` channels from `first` on; of a gradient that waits only these are computed. */
function cut(forms: Forms, x: Image, first: number, shape: readonly number[]): Form {
  if (x.kind === "input-gradient") return blocked(convolutionInputGradient(forms.blocked, x, first, shape[3]), shape);
  return blocked(forms.graph.slice(forms.tensor(x), [1], [first], [first + shape[3]]), shape);
}
