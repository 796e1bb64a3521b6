import type { TensorFlow } from "../../engine.js";
import type { Graph } from "../graph.js";
import type { RecordedNode } from "../recording.js";
import { arithmeticRules } from "./arithmetic.js";
import { BlockedOperators } from "./blocked-operators.js";
import { channelRules } from "./channels.js";
import { convolutionRules } from "./convolution.js";
import { natural, type Form } from "./form.js";
import { Forms } from "./forms.js";
import type { LayoutRules } from "./layout-rule.js";
import { poolingRules } from "./pooling.js";
import { reductionRules } from "./reduction.js";

/** What the layout pass knows, once an engine: the kernels it has rules for and the block size of this processor. */
export interface Layout {
  readonly block: number;
  readonly rules: LayoutRules;
}

export function blockedLayout(tf: TensorFlow, block: number): Layout {
  return {
    block,
    rules: { ...arithmeticRules, ...reductionRules, ...channelRules, ...convolutionRules(tf), ...poolingRules(tf) },
  };
}

/** Lowers recorded nodes one after the other: by a layout rule while images are blocked, else by the kernel's own rule. */
export class Lowering {
  readonly #forms?: Forms;

  constructor(
    readonly graph: Graph,
    readonly layout?: Layout,
  ) {
    if (layout !== undefined) this.#forms = new Forms(new BlockedOperators(graph, layout.block));
  }

  /** The name of a form's numbers as TensorFlow.js lays them out. */
  name(form: Form): string {
    return form.kind === "natural" ? form.name : this.#forms!.natural(form);
  }

  /** The form in another shape of as many numbers. */
  reshape(form: Form, shape: readonly number[]): Form {
    return natural(this.graph.reshape(this.name(form), shape), shape);
  }

  emit({ kernel, rule, attrs, inputs, outputs }: RecordedNode, operands: readonly (Form | undefined)[]): readonly Form[] {
    const floats = outputs.every(({ dtype }) => dtype === "float32");
    const layoutRule = this.#forms && floats ? this.layout!.rules[kernel] : undefined;
    const forms = layoutRule?.({ forms: this.#forms!, attrs, outputs, rule }, operands);
    if (forms !== undefined) return forms;
    const names = operands.map((operand) => (operand === undefined ? undefined : this.name(operand)));
    return rule
      .emit({ graph: this.graph, attrs, inputs, outputs }, names as string[])
      .map((name, output) => natural(name, outputs[output].shape));
  }
}
