import type { BenchmarkCase, CaseReport } from '../case.ts';
import { groundTruthTime } from './ground-truth-time.ts';
import { searchesOfServer } from './server-searches.ts';
import { searchesOfStub } from './stub-searches.ts';

/** What a search costs, beside pymilvus where python3 finds it; and what a real server does with the documented load. */
export const milvus: BenchmarkCase = {
  name: 'milvus',
  title: 'Milvus: searches of vectors of 768 dimensions',
  byDefault: false,
  async run(options) {
    const reports: CaseReport[] = [];
    for (const part of [searchesOfStub, groundTruthTime, searchesOfServer]) reports.push(await part(options));
    return {
      figures: reports.flatMap(({ figures }) => figures),
      tables: reports.flatMap(({ tables }) => tables),
      notes: reports.flatMap(({ notes }) => notes),
    };
  },
};
