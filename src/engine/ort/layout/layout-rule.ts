import type { Rule, Spec } from "../lowering/rule.js";
import type { Form } from "./form.js";
import type { Forms } from "./forms.js";

/** Where a layout rule is applied. */
export interface LayoutSite<Attrs = unknown> {
  readonly forms: Forms;
  readonly attrs: Attrs;
  readonly outputs: readonly Spec[];
  /** The kernel's lowering rule in natural layout. */
  readonly rule: Rule;
}

/** How one kernel works on images in blocked layout; undefined leaves this use to the natural layout. */
export type LayoutRule<Attrs = unknown> = (
  site: LayoutSite<Attrs>,
  operands: readonly (Form | undefined)[],
) => readonly Form[] | undefined;

export type LayoutRules = Readonly<Record<string, LayoutRule>>;

/** Lets a rule be written with its attributes' own type. */
export function layoutRule<Attrs>(rule: LayoutRule<Attrs>): LayoutRule {
  return rule as LayoutRule;
}
