/** Something in a data folder that is not as it should be. The file named was left out, unless the code says otherwise. */
export interface DcaseProblem {
  /**
   * * `stray-name`: a WAV file whose name follows no DCASE scheme (left out)
   * * `stray-file`: not a WAV file (ignored)
   * * `wrong-folder`: the name says another split than the folder, or an anomaly lies among the training clips (left out)
   * * `duplicate`: a second clip with the same section, domain, label and number (left out)
   * * `no-attributes`: the machine has a CSV, but it does not list the clip (kept, its vector is zeros)
   * * `no-such-clip`: the CSV lists a clip that is not there
   * * `unreadable`, `sample-rate`, `channels`, `length`: found by reading the audio (kept)
   */
  readonly code:
    | "stray-name"
    | "stray-file"
    | "wrong-folder"
    | "duplicate"
    | "no-attributes"
    | "no-such-clip"
    | "unreadable"
    | "sample-rate"
    | "channels"
    | "length";
  /** Relative to the dataset's folder, with "/" between parts. */
  readonly path: string;
  readonly message: string;
}
