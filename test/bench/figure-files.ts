import { readFile, writeFile } from 'node:fs/promises';
import { BenchmarkError } from './benchmark-error.ts';
import type { BenchmarkCase, CaseReport } from './cases/case.ts';
import type { Flags } from './flags.ts';
import { section, withSection } from './markdown.ts';
import type { Figure } from './ratios.ts';

/** Where the figures go beside the terminal. */
export class FigureFiles {
  readonly #flags: Flags;
  readonly #facts: readonly string[];
  readonly #figures: Figure[] = [];

  /**
   * @param facts when, where and how the figures come about, a line each
   * @throws {BenchmarkError} when a file cannot take what comes: told now, and not after minutes of measuring
   */
  static async open(flags: Flags, facts: readonly string[]): Promise<FigureFiles> {
    const files = new FigureFiles(flags, facts);
    try {
      await files.#writeJson();
      await files.#writePage(...flags.only.map(({ name }) => [name, undefined] as const));
    } catch (error) {
      throw error instanceof BenchmarkError ? error : new BenchmarkError((error as Error).message);
    }
    return files;
  }

  private constructor(flags: Flags, facts: readonly string[]) {
    this.#flags = flags;
    this.#facts = facts;
  }

  /** To be called after each case: a later one that fails does not take this one's figures with it. */
  async add({ name }: BenchmarkCase, report: CaseReport): Promise<void> {
    this.#figures.push(...report.figures);
    await this.#writeJson();
    await this.#writePage([name, section(report, this.#facts)]);
  }

  async #writeJson(): Promise<void> {
    const { json } = this.#flags;
    if (json !== undefined) await writeFile(json, `${JSON.stringify(this.#figures, null, 2)}\n`);
  }

  /** @param sections by case; undefined only looks whether there is a place for it */
  async #writePage(...sections: readonly (readonly [name: string, text: string | undefined])[]): Promise<void> {
    const { markdown } = this.#flags;
    if (markdown === undefined) return;
    let page = await readFile(markdown, 'utf8');
    for (const [name, text] of sections) {
      const changed = withSection(page, name, text ?? '');
      if (text !== undefined) page = changed;
    }
    await writeFile(markdown, page);
  }
}
