/** One validated upload: the row without its id and its time, which the database adds. */
export interface Upload {
  /** 1 to 50 characters. */
  readonly deviceId: string;
  /** A finite number. */
  readonly testData: number;
}

/**
 * A database that holds the table `test_upload`: all that the target knows about databases. Every method throws `StoreError` and nothing else, and may be called while another one runs.
 */
export interface UploadStore {
  /** For people and reports, without secrets: `SQLite /data/test.db`. */
  readonly description: string;
  /** For labels: `sqlite 3.45.1`. */
  readonly version: string;
  /** How many transactions may run at once. */
  readonly writers: number;
  /**
   * Inserts all rows in one transaction and resolves after its commit; when it throws `busy` or `refused`, none of them
   * is stored. Called by the write queue only, at most `writers` times at once.
   */
  insert(rows: readonly Upload[]): Promise<void>;
  /** Asks the database whether an upload could be stored now; reconnects when it was away. */
  ping(): Promise<void>;
  /** Committed rows per device id, of the devices whose id begins with `prefix` (compared exactly, no wildcards). */
  count(prefix: string): Promise<Map<string, number>>;
  /** Releases the database. No other call may follow. */
  close(): Promise<void>;
}
