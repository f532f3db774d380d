/** What the `http` driver does as browsers do, on each runtime: the tests are the same. */
import '../plugins/http/compressed.test.ts';
import '../plugins/http/content-coding.test.ts';
import '../plugins/http/cookies.test.ts';
import '../plugins/http/redirects.test.ts';
