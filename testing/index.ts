/** What authors of plugins import from `@bench/toolkit/testing`, to test them without a run. This is public API. */

export { type DriverCase, type TestFunction, type TestTarget, testDriver } from './driver-contract.ts';
export { FakeClock, type FakeClockOptions } from './fake-clock.ts';
export { type FakeContext, type FakeContextOptions, fakeContext } from './fake-context.ts';
export { type FakeUserOptions, fakeUser } from './fake-user.ts';
export { type DriverRun, type RunDriverOptions, runDriver } from './run-driver.ts';
export { sampleResult } from './sample-result.ts';
