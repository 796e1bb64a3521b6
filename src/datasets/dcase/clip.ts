/** Which folder a clip lies in: `supplemental` holds clean-machine or noise-only recordings (DCASE 2025 and later). */
export type DcaseSplit = "train" | "supplemental" | "test";

/** `all` where the file name has no domain (DCASE 2020, blind evaluation clips). */
export type DcaseDomain = "source" | "target" | "all";

/** `unknown` for blind evaluation clips and for supplemental recordings that do not say. */
export type DcaseLabel = "normal" | "anomaly" | "unknown";

/** One recording of one machine. */
export interface DcaseClip {
  /** `machine/split/stem`, unique in the dataset and the same on every computer. */
  readonly id: string;
  readonly path: string;
  readonly machine: string;
  /** Two digits: the section, or the machine id of DCASE 2020. */
  readonly section: string;
  readonly split: DcaseSplit;
  readonly domain: DcaseDomain;
  readonly label: DcaseLabel;
  /** Operating conditions by name, as text: from the CSV, or from the file name where there is no CSV. */
  readonly attributes: Readonly<Record<string, string>>;
  /**
   * The same as numbers, `attributeDim` of the dataset long: codes by lexicographic order, numbers as they are,
   * −1 for a missing value, zeros at the end; all zeros for a machine without attributes.
   */
  readonly attributeVector: readonly number[];
}

/** What a file name says. `split` is undefined where the scheme leaves it to the folder. */
export interface ClipName {
  readonly section: string;
  readonly domain: DcaseDomain;
  readonly split: "train" | "test" | undefined;
  readonly label: DcaseLabel;
  /** Number within its group, as written. */
  readonly index: string;
  /** What stands behind the number. */
  readonly tokens: string;
}

/**
 * Reads a DCASE Task 2 file name without `.wav`; undefined when it is none.
 * * 2021–2026: `section_00_source_train_normal_0000_vel_12_loc_B`
 * * 2020: `anomaly_id_02_00000017`
 * * blind evaluation clips: `section_00_0042`
 * @example parseClipName("normal_id_02_00000017") // { section: "02", domain: "all", label: "normal", index: "00000017", … }
 * @see ASTRA spec §2.2
 */
export function parseClipName(stem: string): ClipName | undefined {
  const modern = /^section_(\d\d)_(source|target)_(train|test)_(normal|anomaly)_(\d{4})(?:_(.*))?$/.exec(stem);
  if (modern) {
    const [, section, domain, split, label, index, tokens = ""] = modern;
    return { section, domain, split, label, index, tokens } as ClipName;
  }
  const early = /^(normal|anomaly)_id_(\d\d)_(\d{8})$/.exec(stem);
  if (early)
    return {
      section: early[2],
      domain: "all",
      split: undefined,
      label: early[1] as DcaseLabel,
      index: early[3],
      tokens: "",
    };
  const blind = /^section_(\d\d)_(\d{4})$/.exec(stem);
  if (blind) return { section: blind[1], domain: "all", split: "test", label: "unknown", index: blind[2], tokens: "" };
  return undefined;
}

/**
 * The tail of a file name as attributes: names and values in turn. An odd number of tokens cannot be told apart
 * and is kept whole under `tokens`; `noAttribute` and nothing are no attributes.
 * @example attributesOfTokens("vel_12_loc_B")  // { vel: "12", loc: "B" }
 * @example attributesOfTokens("spd1000_b_noA") // { tokens: "spd1000_b_noA" }
 */
export function attributesOfTokens(tokens: string): Record<string, string> {
  if (tokens === "" || tokens === "noAttribute") return {};
  const parts = tokens.split("_");
  if (parts.length % 2 === 1) return { tokens };
  const pairs = parts.flatMap((name, i) => (i % 2 === 0 ? [[name, parts[i + 1]]] : []));
  const repeated = new Set(pairs.map(([name]) => name)).size < pairs.length;
  return repeated ? { tokens } : Object.fromEntries(pairs);
}
