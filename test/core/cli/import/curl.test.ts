// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are references of plans
import t from 'tap';
import { importCurl } from '../../../../core/cli/import/curl.ts';
import { type Import, importedPlan, planDocument } from '../../../../core/cli/import/imported-plan.ts';
import { checkedPlan } from '../../../../core/cli/plans/checked-plan.ts';
import { textPlan } from '../../../../core/cli/plans/plan-file.ts';

/** The driver's options of an import, which pass `bench check`, and the comments. */
async function imported(read: Import) {
  const plan = importedPlan(read);
  const { input } = await checkedPlan(textPlan('The plan', '/plan.yaml', planDocument(plan)), {});
  const options = input.drivers?.http?.options as Record<string, unknown> & { operations: Record<string, object> };
  return { options, head: plan.comments.join('\n') };
}

t.test('curl: what a plan would send in another way is kept, told or refused', async (t) => {
  const operationOf = async (flags: string) => {
    const { options, head } = await imported(importCurl(`curl ${flags}`, 'x'));
    return { head, ...(Object.values(options.operations)[0] as { path: string; headers?: object; body?: unknown }) };
  };
  t.strictSame((await operationOf(`h.test/a -H 'Host: shop.test'`)).headers, { Host: 'shop.test' });
  t.strictSame((await operationOf(`h.test/a -H 'Host: h.test'`)).headers, undefined);
  const lines = await operationOf('h.test/a -d @a.txt --compressed');
  t.strictSame(lines.body, { file: 'a.txt' });
  t.match(lines.head, 'a.txt is sent as it is; curl -d leaves out its line ends.');
  t.match(lines.head, '--compressed of curl is left out.');
  t.notMatch((await operationOf('h.test/a --data-binary @a.txt')).head, 'line ends');
  t.match((await operationOf(`h.test/a -H 'Accept-Encoding: br'`)).head, 'The header Accept-Encoding is left out.');
  t.equal((await operationOf(`h.test/a --json '{"a":1,"a":2}'`)).body, '{"a":1,"a":2}');
  for (const form of ['a=%C4%E3&b=1', 'a=%zz', 'x[][a]=1&x[][b]=2&x[][a]=3']) {
    t.equal((await operationOf(`h.test/a -d '${form}'`)).body, form, 'is sent as it is written');
  }
  t.equal((await operationOf(`h.test/a --json '{"a":' --json '1, "a":2}'`)).body, '{"a":1, "a":2}');
  t.strictSame((await operationOf(`h.test/a -F 'a="b; \\"c\\"" ;type=text/csv' -F 'd= e;f'`)).body, {
    multipart: { a: { text: 'b; "c"', contentType: 'text/csv' }, d: 'e' },
  });
  t.strictSame(
    (await operationOf(`h.test/a -F 'f=@a.PNG' -F 'g=@b;filename="c;.html"' -F 'h=@i;type=a/b; q=1'`)).body,
    {
      multipart: {
        f: { file: 'a.PNG', contentType: 'image/png' },
        g: { file: 'b', filename: 'c;.html', contentType: 'text/html' },
        h: { file: 'i', contentType: 'a/b; q=1' },
      },
    },
  );
  t.equal((await operationOf('h.test/a/../b/./c/..?d=/../e')).path, '/b/?d=/../e');
  t.equal((await operationOf('--path-as-is h.test/a/../b')).path, '/a/../b');
  t.strictSame((await operationOf(`h.test/a -A '' -e 'http://b.test/;auto'`)).headers, { Referer: 'http://b.test/' });
  t.match((await operationOf(`h.test/a -u b:c -H 'Authorization: Bearer d'`)).headers, { Authorization: /^Bearer/ });
  t.equal((await operationOf('-T b/notes.txt http://h.test/up/')).path, '/up/notes.txt');
  t.equal((await operationOf('-T notes.txt http://h.test/up')).path, '/up');
  t.match((await operationOf(`-g 'http://h.test/[1-3]'`)).path, '1-3');
  t.match((await operationOf('http://[::1]/$A')).path, '${env:A}');
  for (const [flags, message] of [
    [`h.test/a -H 'X-A: 1' -H 'x-a: 2'`, /line 1: the header x-a is given twice/],
    ['-G -d @a.txt h.test/a', /line 1: -G with a file cannot be imported: write its content/],
    ['-T - h.test/a', /line 1: standard input \(-T -\) cannot be imported: name a file/],
    [`-F 'x=@a.txt,b.txt' h.test/a`, /line 1: -F with several files cannot be imported: give each a -F of its own/],
    [`h.test/a -F 'x=<notes.txt'`, /line 1: -F with < and a file cannot be imported: write its content/],
    [`'h.test/[1-3]'`, /line 1: curl makes several addresses of \[1-3\]: write each one, or -g/],
    [`'h.test/{a,b}'`, /line 1: curl makes several addresses of \{a,b\}/],
  ] as const) {
    t.throws(() => importCurl(`curl ${flags}`, 'x'), { message }, flags);
  }
});
