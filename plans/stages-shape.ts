import { defineShape } from '../core/index.ts';

/** Locust's five stages of a step load test: the users until second `until`; their number changes by `spawnRate` per second. */
const STAGES = [
  { until: 60, users: 10, spawnRate: 10 },
  { until: 120, users: 50, spawnRate: 10 },
  { until: 180, users: 100, spawnRate: 10 },
  { until: 240, users: 200, spawnRate: 20 },
  { until: 300, users: 500, spawnRate: 50 },
];

export default defineShape((elapsedSeconds) => {
  const stage = STAGES.find(({ until }) => elapsedSeconds < until);
  return stage && { level: stage.users, spawnRate: stage.spawnRate };
});
