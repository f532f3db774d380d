import { InvalidArgumentError } from 'commander';
import t from 'tap';
import {
  address,
  durationText,
  flag,
  outputs,
  portNumber,
  reports,
  stages,
  targetUrl,
  wholeNumber,
} from '../../../../core/cli/flags/flags.ts';

t.test('each flag has its environment variable', async (t) => {
  t.equal(flag('-u, --vus <n>', '').envVar, 'BENCH_VUS');
  t.equal(flag('--agents-timeout <time>', '').envVar, 'BENCH_AGENTS_TIMEOUT');
});

t.test('outputs by name, with the URL that some need', async (t) => {
  t.strictSame(outputs('webhook=https://a/?b=c,d', outputs('./own.ts')), [
    { use: './own.ts' },
    { use: 'webhook', url: 'https://a/?b=c,d' },
  ]);
  for (const wrong of ['', '=x', 'webhook=', './own.ts']) {
    t.throws(() => outputs(wrong, [{ use: './own.ts' }]), InvalidArgumentError, wrong);
  }
});

t.test('stages as on k6’s command line', async (t) => {
  t.strictSame(stages('10s:50'), [{ duration: '10s', target: 50 }]);
  t.strictSame(stages('1m30s:0,5s:7', stages('10s:50')), [
    { duration: '10s', target: 50 },
    { duration: '1m30s', target: 0 },
    { duration: '5s', target: 7 },
  ]);
  for (const wrong of ['50', '10s', '10s:', ':50', '10:50', '10s:-1', '10s:5.5', '10s:50,', '10s:1000001', '']) {
    t.throws(() => stages(wrong), InvalidArgumentError, wrong);
  }
});

t.test('reports with and without a path', async (t) => {
  t.strictSame(reports('markdown'), [{ use: 'markdown' }]);
  t.strictSame(reports('junit=a=b.xml,json', reports('./mine.ts')), [
    { use: './mine.ts' },
    { use: 'junit', path: 'a=b.xml' },
    { use: 'json' },
  ]);
  for (const wrong of ['', '=x', 'junit=', 'a,,b']) t.throws(() => reports(wrong), InvalidArgumentError, wrong);
});

t.test('numbers, times and addresses are checked', async (t) => {
  t.equal(portNumber('0'), 0);
  t.equal(wholeNumber(1, 9)(' 9 '), 9);
  for (const wrong of ['-1', '65536', '80a', '', '1e3', '0x10'])
    t.throws(() => portNumber(wrong), InvalidArgumentError, wrong);
  t.equal(durationText(' 90s '), '90s');
  for (const wrong of ['90', '0s', '', 's']) t.throws(() => durationText(wrong), InvalidArgumentError, wrong);
  t.equal(address('192.0.2.5:7070'), '192.0.2.5:7070');
  t.equal(address('[::1]:7070'), '[::1]:7070');
  for (const wrong of ['host', 'host:0', 'host:65536', 'a b:1', '::1:7070', ':1', 'http://host:1']) {
    t.throws(() => address(wrong), InvalidArgumentError, wrong);
  }
  t.equal(targetUrl('http://192.0.2.9:5002'), 'http://192.0.2.9:5002');
  t.throws(() => targetUrl('192.0.2.9:5002'), InvalidArgumentError);
});
