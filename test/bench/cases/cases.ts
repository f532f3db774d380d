import { page } from '../page/page.ts';
import { agents } from './agents.ts';
import { capacity } from './capacity.ts';
import type { BenchmarkCase } from './case.ts';
import { compare } from './compare.ts';
import { engine } from './engine.ts';
import { grpc } from './grpc.ts';
import { http } from './http.ts';
import { journeys } from './journeys.ts';
import { memory } from './memory.ts';
import { milvus } from './milvus/milvus.ts';
import { mysql } from './mysql.ts';
import { open } from './open.ts';
import { scripts } from './scripts.ts';
import { shipping } from './shipping.ts';
import { soak } from './soak.ts';
import { viewers } from './viewers.ts';

/** All there is to measure; a new case is one entry here. */
export const cases: readonly BenchmarkCase[] = [
  http,
  journeys,
  scripts,
  mysql,
  grpc,
  milvus,
  engine,
  open,
  memory,
  agents,
  viewers,
  page,
  compare,
  capacity,
  shipping,
  soak,
];
