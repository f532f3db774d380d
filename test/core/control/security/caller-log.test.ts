import t from 'tap';
import { CallerLog } from '../../../../core/control/security/caller-log.ts';

t.test('ten lines of an address, then one in ten seconds that says how many were left out', async (t) => {
  let nowUs = 0;
  const lines: string[] = [];
  const log = new CallerLog({ nowUs: () => nowUs }, (line) => lines.push(line));
  for (let i = 0; i < 1000; i++) log.line(`192.0.2.9:${40_000 + i}`, 'no');
  t.same(lines, Array(10).fill('no'));
  log.line('192.0.2.7:1', 'another');
  t.equal(lines.at(-1), 'another');
  nowUs = 10e6;
  for (let i = 0; i < 1000; i++) log.line(`192.0.2.9:${40_000 + i}`, 'no');
  t.same(lines.slice(11), ['no (990 lines about 192.0.2.9 were left out before this one)']);
  nowUs = 1000e6;
  for (let i = 0; i < 1000; i++) log.line(`192.0.2.9:${40_000 + i}`, 'no');
  t.equal(lines.length, 22, 'time forgives');
});
