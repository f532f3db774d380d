import t from 'tap';
import { KeptTexts } from '../../../../plugins/http/repeated/kept-texts.ts';

t.test('all maps together have a bound, and what one gives back another may use', async (t) => {
  const one = new KeptTexts<number, string>();
  const other = new KeptTexts<number, string>();
  for (let i = 0; i < 10_000; i++) one.set(i, 'a');
  const most = Array.from({ length: 10_000 }, (_, i) => one.get(i)).filter((text) => text !== undefined).length;
  t.ok(most > 100 && most < 10_000, `${most}`);
  other.set(1, 'b');
  t.equal(other.get(1), undefined, 'there is no more room');
  one.set(1, 'c');
  t.equal(one.get(1), 'c', 'what is there may change');
  one.clear();
  t.equal(one.get(1), undefined);
  other.set(1, 'b');
  t.equal(other.get(1), 'b');
  other.clear();
});
