/** One file of the page that people see, as it is sent to their browsers. */
export interface PageFile {
  /** `/` for the page itself, and `/assets/…` for what it loads. */
  readonly path: string;
  /** Media type, such as `text/javascript; charset=utf-8`. */
  readonly type: string;
  readonly content: string | Uint8Array;
}
