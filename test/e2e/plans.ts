/** Plans for processes under test: a few seconds, little load. */

export function uploadPlan(seconds: number, more = ''): string {
  return `name: Uploads
scenarios:
  devices:
    executor: ramping-vus
    startVus: 2
    stages:
      - { target: 10, duration: ${seconds}s, spawnRate: 10 }
    gracefulStop: 2s
    thinkTime: { uniform: [20ms, 40ms] }
    operations:
      - { driver: http-upload, weight: 10 }
      - { driver: health, weight: 1 }
monitors:
  target: { use: prometheus }
thresholds:
  - upload p99 < 2s
  - fails == 0
${more}`;
}

export function nullPlan(seconds: number, more = ''): string {
  return `name: Nothing at all
scenarios:
  nothing:
    executor: constant-vus
    vus: 5
    duration: ${seconds}s
    gracefulStop: 1s
    thinkTime: 40ms
    operations: [{ driver: 'null' }]
${more}`;
}

/** Two levels of uploads and a confirmation: half a minute. */
export const SEARCH_PLAN = `name: Search
scenarios:
  main:
    executor: find-max
    of: rate
    until: [p95 < 5s]
    from: 20
    to: 40
    levelTime: 10s
    confirm: 3s
    maxVus: 200
    operations: [{ driver: http-upload }]
`;
