/** One value in several forms; a front end shows the richest it knows. `text/plain` is always there. */
export interface MimeBundle {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export function bundle(
  text: string,
  data: Readonly<Record<string, unknown>> = {},
  metadata: Readonly<Record<string, unknown>> = {},
): MimeBundle {
  return { data: { ...data, "text/plain": text }, metadata };
}
