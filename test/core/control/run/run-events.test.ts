import t from 'tap';
import { RunJournal } from '../../../../core/control/run/run-events.ts';
import { RunFeed } from '../../../../core/control/run/run-feed.ts';
import { sceneClock } from '../scene/scene-clock.ts';

t.test('events are in order of time, whenever they were noted', async (t) => {
  const journal = new RunJournal(
    'r1',
    sceneClock(),
    new RunFeed(),
    () => {},
    () => {},
  );
  journal.recover([{ atUs: 7.19e6, text: 'before the restart' }], 1e6);
  journal.note('late', 7.69e6);
  journal.note('beside it', 7.69e6);
  journal.note('last', 9e6);
  t.strictSame(journal.events(1e6), [
    { atUs: 6.69e6, text: 'late' },
    { atUs: 6.69e6, text: 'beside it' },
    { atUs: 7.19e6, text: 'before the restart' },
    { atUs: 8e6, text: 'last' },
  ]);
});
