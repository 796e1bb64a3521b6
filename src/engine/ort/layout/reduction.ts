import { axisOf, equal } from "../lowering/rule.js";
import { isImage, natural } from "./form.js";
import { layoutRule, type LayoutRules } from "./layout-rule.js";

interface ReduceAttrs {
  readonly axis?: number | number[];
}

const sumOrMean = (kind: "sum" | "mean") =>
  layoutRule<ReduceAttrs>(({ forms, attrs, outputs: [{ shape }] }, [x]) => {
    if (!isImage(x) || attrs.axis === undefined) return undefined;
    const axes = [attrs.axis].flat().map((axis) => axisOf(axis, 4)).sort();
    const [batch, height, width] = x.shape;
    if (equal(axes, [1, 2])) {
      const mean = forms.blocked.meanOfPixels(forms.tensor(x), x.shape);
      const name = kind === "mean" ? mean : forms.graph.mul(mean, forms.graph.scalar(height * width));
      return [natural(forms.graph.reshape(name, shape), shape)];
    }
    if (!equal(axes, [0, 1, 2])) return undefined;
    const sum = forms.sum(x);
    const { name } = kind === "sum" ? sum : forms.times(sum, forms.number(1 / (batch * height * width)))!;
    return [natural(shape.length === 1 ? name : forms.graph.reshape(name, shape), shape)];
  });

/** Sums over all pixels of a batch (batch norm, biases) or of an image (global pooling). */
export const reductionRules: LayoutRules = { Sum: sumOrMean("sum"), Mean: sumOrMean("mean") };
