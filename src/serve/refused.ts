import { FolioError } from "../core/index.js";

/** A request that is not answered, with the status that says so. */
export class Refused extends FolioError {
  constructor(
    readonly status: 400 | 403 | 404 | 405 | 410 | 411 | 413 | 415 | 421,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
