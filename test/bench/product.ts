import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadResultFile } from '../../core/cli/files/result-file.ts';
import type { PlanInput } from '../../core/plan/schema.ts';
import type { RunResult } from '../../core/stats/result.ts';
import { BenchmarkError } from './benchmark-error.ts';
import type { Placement } from './machine.ts';
import { benchCommand, type Runtime } from './runtimes.ts';
import { StartedProcess } from './started-process.ts';

/** `bench` as its users have it: control, one agent process and the run's command, each a process of its own. */
export class Product {
  readonly #control: StartedProcess;
  readonly #agent: StartedProcess;
  readonly #address: string;
  readonly #folder: string;

  /**
   * @param runtime of the agent; control and the command run on Bun
   * @param folder for its files; the caller removes it
   */
  static async start(runtime: Runtime, placement: Placement, folder: string): Promise<Product> {
    const home = await mkdtemp(join(folder, 'bench-'));
    const store = join(home, 'runs.sqlite');
    const control = await StartedProcess.start({
      ...benchCommand('bun', ['control', '--child', '--port', '0', '--store', store]),
      cores: undefined,
    });
    try {
      const { at } = JSON.parse(await control.firstLine) as { at: string };
      const agent = await StartedProcess.start({
        ...benchCommand(runtime, ['agent', '--child', '--control', at, '--name', `on-${runtime}`]),
        cores: placement.generator,
      });
      await agent.firstLine;
      return new Product(control, agent, at, home);
    } catch (error) {
      await control.end();
      throw error;
    }
  }

  private constructor(control: StartedProcess, agent: StartedProcess, address: string, folder: string) {
    this.#control = control;
    this.#agent = agent;
    this.#address = address;
    this.#folder = folder;
  }

  get agentPid(): number {
    return this.#agent.pid;
  }

  /**
   * @param heard is given what the command has said so far, whenever that is more
   * @throws {BenchmarkError} when the run has no result
   */
  async run(plan: PlanInput, heard?: (stdout: string) => void): Promise<RunResult> {
    const planFile = join(this.#folder, 'plan.json');
    const resultFile = join(this.#folder, 'result.json');
    await writeFile(planFile, JSON.stringify(plan));
    const flags = ['--control', this.#address, '--expect-agents', '1', '--report', `json=${resultFile}`];
    const run = await StartedProcess.start({
      ...benchCommand('bun', ['run', planFile, ...flags]),
      cores: undefined,
      folder: this.#folder,
      heard,
    });
    const { code, stdout, stderr } = await run.ended;
    try {
      return await loadResultFile(resultFile);
    } catch {
      throw new BenchmarkError(`bench run ended with code ${code} and no result: ${stderr.trim() || stdout.trim()}`);
    }
  }

  /**
   * As `bench prepare` does it, which keeps what it makes.
   * @returns what it told
   * @throws {BenchmarkError} when it fails
   */
  async prepare(plan: PlanInput): Promise<string> {
    const planFile = join(this.#folder, 'prepared.json');
    await writeFile(planFile, JSON.stringify(plan));
    const prepare = await StartedProcess.start({
      ...benchCommand('bun', ['prepare', planFile, '--control', this.#address]),
      cores: undefined,
      folder: this.#folder,
    });
    const { code, stdout, stderr } = await prepare.ended;
    if (code === 0) return stdout;
    throw new BenchmarkError(`bench prepare ended with code ${code}: ${stderr.trim() || stdout.trim()}`);
  }

  async end(): Promise<void> {
    await this.#agent.end();
    await this.#control.end();
  }
}
