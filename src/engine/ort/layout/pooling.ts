import type { TensorFlow } from "../../engine.js";
import { poolInfo, type PoolAttrs } from "../lowering/pooling.js";
import { geometry } from "./blocked-operators.js";
import { blocked, isImage, type Form } from "./form.js";
import type { Forms } from "./forms.js";
import { layoutRule, type LayoutRules } from "./layout-rule.js";

/** Pooling and the gradient of max pooling by windows that tile the image. */
export function poolingRules(tf: TensorFlow): LayoutRules {
  const pool = (type: string) =>
    layoutRule<PoolAttrs>(({ forms, attrs, outputs: [{ shape }] }, [x]) => {
      if (!isImage(x)) return undefined;
      const { kernel_shape, strides, pads } = geometry(poolInfo(tf, x.shape, attrs));
      return [blocked(forms.blocked.op(type, [forms.tensor(x)], { kernel_shape, strides, pads }), shape)];
    });
  return {
    MaxPool: pool("MaxPool"),
    AvgPool: pool("AveragePool"),
    MaxPoolGrad: layoutRule<PoolAttrs>(({ forms, attrs }, [dy, x]) => {
      if (!isImage(x)) return undefined;
      const info = poolInfo(tf, x.shape, attrs);
      const tiles =
        info.filterHeight === info.strideHeight &&
        info.filterWidth === info.strideWidth &&
        info.inHeight === info.outHeight * info.strideHeight &&
        info.inWidth === info.outWidth * info.strideWidth;
      return tiles ? [maxPoolGradient(forms, dy!, x, info.strideHeight, info.strideWidth)] : undefined;
    }),
  };
}

/** The first maximum of each window gets the whole gradient, as on the other engines; ties go nowhere else. */
function maxPoolGradient(forms: Forms, dy: Form, x: Form, tileHeight: number, tileWidth: number): Form {
  const { graph, blocked: operators } = forms;
  const [batch, height, width, channels] = x.shape;
  const input = forms.tensor(x);
  const window = [tileHeight, tileWidth];
  const maxima = operators.op("MaxPool", [input], { kernel_shape: window, strides: window, pads: [0, 0, 0, 0] });
  const isMaximum = graph.op("Equal", [input, operators.enlarge(maxima, [tileHeight, tileWidth])]);
  const rows = (batch * channels * height) / tileHeight / operators.block;
  const cells = graph.reshape(isMaximum, [rows, tileHeight, width / tileWidth, tileWidth, operators.block]);
  let taken: string | undefined;
  const winners = Array.from({ length: tileHeight }, (_, i) => {
    const row = Array.from({ length: tileWidth }, (_, j) => {
      const hit = graph.slice(cells, [1, 3], [i, j], [i + 1, j + 1]);
      const first: string = taken === undefined ? hit : graph.op("And", [hit, graph.op("Not", [taken])]);
      taken = taken === undefined ? hit : graph.op("Or", [taken, hit]);
      return first;
    });
    return graph.op("Concat", row, { axis: 3 });
  });
  const mask = graph.cast(graph.reshape(graph.op("Concat", winners, { axis: 1 }), [batch, channels, height, width]), "float32");
  return blocked(graph.mul(mask, operators.enlarge(forms.tensor(dy), [tileHeight, tileWidth])), x.shape);
}
