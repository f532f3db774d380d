import type { BenchmarkCase } from './case.ts';
import { engine } from './engine.ts';
import { http } from './http.ts';
import { memory } from './memory.ts';
import { open } from './open.ts';
import { soak } from './soak.ts';

/** All there is to measure; a new case is one entry here. */
export const cases: readonly BenchmarkCase[] = [http, engine, open, memory, soak];
