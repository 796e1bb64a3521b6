/** The notebook format 4.5 (nbformat.readthedocs.io), text held as one string. */
export interface Notebook {
  readonly nbformat: 4;
  readonly nbformat_minor: number;
  readonly metadata: Metadata;
  readonly cells: readonly Cell[];
}

export type Metadata = Readonly<Record<string, unknown>>;

export interface Cell {
  readonly id: string;
  readonly cell_type: "code" | "markdown" | "raw";
  readonly source: string;
  readonly metadata: Metadata & { readonly tags?: readonly string[] };
  readonly attachments?: Metadata;
  /** Code cells only. */
  readonly execution_count?: number | null;
  readonly outputs?: readonly Output[];
}

export type Output =
  | { readonly output_type: "stream"; readonly name: "stdout" | "stderr"; readonly text: string }
  | {
      readonly output_type: "display_data";
      readonly data: MimeData;
      readonly metadata: Metadata;
      readonly transient?: { readonly display_id: string };
    }
  | {
      readonly output_type: "execute_result";
      readonly execution_count: number | null;
      readonly data: MimeData;
      readonly metadata: Metadata;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

export type MimeData = Readonly<Record<string, unknown>>;

export const hasTag = (cell: Cell, tag: string): boolean => cell.metadata.tags?.includes(tag) ?? false;

/** What a notebook written for Folio's kernel says about itself. */
export const folioMetadata: Metadata = {
  kernelspec: { name: "folio", display_name: "TypeScript (Folio)", language: "typescript" },
  language_info: {
    name: "typescript",
    file_extension: ".ts",
    mimetype: "text/x-typescript",
    codemirror_mode: { name: "javascript", typescript: true },
    pygments_lexer: "typescript",
  },
};
