/** Responses as servers send them, good and bad: the bytes, and what a client must make of them. */
export interface CorpusEntry {
  readonly name: string;
  /** One character per byte. */
  readonly bytes: string;
  /** The request's method; GET where none is named. */
  readonly method?: 'HEAD';
  /** The server closes its side after the bytes. */
  readonly closes?: true;
  readonly expected: { readonly status: number; readonly body: string } | { readonly failure: string };
}

const lines = (...parts: string[]) => parts.join('\r\n');
const head = (...parts: string[]) => `${lines(...parts)}\r\n\r\n`;
const ok = (body: string, status = 200) => ({ status, body });
const PROTOCOL_ERROR = { failure: 'protocol_error' };
const CLOSED = { failure: 'connection_closed' };

export const CORPUS: readonly CorpusEntry[] = [
  // Good ones.
  {
    name: 'nginx',
    bytes: `${head('HTTP/1.1 200 OK', 'Server: nginx/1.22.1', 'Date: Sat, 21 Nov 2026 09:08:29 GMT', 'Content-Type: application/json', 'Content-Length: 15', 'Connection: keep-alive')}{"status":"ok"}`,
    expected: ok('{"status":"ok"}'),
  },
  { name: 'empty body', bytes: head('HTTP/1.1 200 OK', 'Content-Length: 0'), expected: ok('') },
  { name: 'no reason', bytes: `${head('HTTP/1.1 200', 'Content-Length: 2')}hi`, expected: ok('hi') },
  { name: 'empty reason', bytes: `${head('HTTP/1.1 200 ', 'Content-Length: 2')}hi`, expected: ok('hi') },
  {
    name: 'reason with spaces',
    bytes: `${head('HTTP/1.1 404 Not Found At All', 'Content-Length: 2')}no`,
    expected: ok('no', 404),
  },
  { name: 'reason in latin1', bytes: head('HTTP/1.1 200 D\xe9j\xe0', 'Content-Length: 0'), expected: ok('') },
  {
    name: 'control characters in the reason',
    bytes: head('HTTP/1.1 200 \x01\x7f', 'Content-Length: 0'),
    expected: ok(''),
  },
  { name: 'status 599', bytes: head('HTTP/1.1 599 Odd', 'Content-Length: 0'), expected: ok('', 599) },
  { name: 'headers in odd case', bytes: `${head('HTTP/1.1 200 OK', 'cOnTeNt-LeNgTh: 3')}abc`, expected: ok('abc') },
  { name: 'no space after the colon', bytes: `${head('HTTP/1.1 200 OK', 'Content-Length:3')}abc`, expected: ok('abc') },
  {
    name: 'blanks around a value',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: \t 3 \t ')}abc`,
    expected: ok('abc'),
  },
  {
    name: 'length with leading zeros',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: 003')}abc`,
    expected: ok('abc'),
  },
  {
    name: 'empty header value',
    bytes: `${head('HTTP/1.1 200 OK', 'X-Empty:', 'Content-Length: 3')}abc`,
    expected: ok('abc'),
  },
  {
    name: 'names like the known ones',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Lengthy: 9', 'Content-Lengtx: 9', 'Connectiom: close', 'Content-Length: 3')}abc`,
    expected: ok('abc'),
  },
  {
    name: 'every character of a token',
    bytes: `${head('HTTP/1.1 200 OK', "!#$%&'*+-.^_`|~0Az: 1", 'Content-Length: 3')}abc`,
    expected: ok('abc'),
  },
  {
    name: 'value in latin1 with a tab',
    bytes: `${head('HTTP/1.1 200 OK', 'X-Name: caf\xe9\tau lait', 'Content-Length: 3')}abc`,
    expected: ok('abc'),
  },
  {
    name: 'body with line ends',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: 8')}\r\n\r\n\r\n\r\n`,
    expected: ok('\r\n\r\n\r\n\r\n'),
  },
  {
    name: 'body like a response',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: 19')}HTTP/1.1 500 No\r\n\r\n`,
    expected: ok('HTTP/1.1 500 No\r\n\r\n'),
  },
  {
    name: 'connection: close',
    bytes: `${head('HTTP/1.1 200 OK', 'Connection: close', 'Content-Length: 3')}abc`,
    closes: true,
    expected: ok('abc'),
  },
  { name: 'until close', bytes: `${head('HTTP/1.1 200 OK')}to the end`, closes: true, expected: ok('to the end') },
  { name: 'until close, empty', bytes: head('HTTP/1.1 200 OK', 'Connection: close'), closes: true, expected: ok('') },
  {
    name: 'until close, other coding',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: gzip')}zip`,
    closes: true,
    expected: ok('zip'),
  },
  { name: 'HTTP/1.0 until close', bytes: `${head('HTTP/1.0 200 OK')}old`, closes: true, expected: ok('old') },
  {
    name: 'HTTP/1.0 with length',
    bytes: `${head('HTTP/1.0 200 OK', 'Content-Length: 3')}old`,
    closes: true,
    expected: ok('old'),
  },
  { name: '204', bytes: head('HTTP/1.1 204 No Content'), expected: ok('', 204) },
  { name: '204 with a length', bytes: head('HTTP/1.1 204 No Content', 'Content-Length: 5'), expected: ok('', 204) },
  { name: '304 with a length', bytes: head('HTTP/1.1 304 Not Modified', 'Content-Length: 500'), expected: ok('', 304) },
  {
    name: '304 chunked',
    bytes: head('HTTP/1.1 304 Not Modified', 'Transfer-Encoding: chunked'),
    expected: ok('', 304),
  },
  { name: 'HEAD', method: 'HEAD', bytes: head('HTTP/1.1 200 OK', 'Content-Length: 500'), expected: ok('') },
  {
    name: 'HEAD chunked',
    method: 'HEAD',
    bytes: head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked'),
    expected: ok(''),
  },
  {
    name: 'chunked',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n`,
    expected: ok('hello, world'),
  },
  {
    name: 'chunked, empty',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    expected: ok(''),
  },
  {
    name: 'chunked, sizes in both cases',
    bytes: `${head('HTTP/1.1 200 OK', 'transfer-encoding: Chunked')}00a\r\n0123456789\r\nB\r\n0123456789a\r\n000\r\n\r\n`,
    expected: ok('01234567890123456789a'),
  },
  {
    name: 'chunked with extensions',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}3;a=b;c="d"\r\nabc\r\n0;last\r\n\r\n`,
    expected: ok('abc'),
  },
  {
    name: 'chunked with trailers',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', 'Trailer: X-Sum')}3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-More: \r\n\r\n`,
    expected: ok('abc'),
  },
  {
    name: 'chunked, with line ends in it',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n`,
    expected: ok('\r\n0\r\n\r\n'),
  },
  {
    name: '100 before the answer',
    bytes: `${head('HTTP/1.1 100 Continue')}${head('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`,
    expected: ok('ok'),
  },
  {
    name: '103s with headers before the answer',
    bytes: `${head('HTTP/1.1 103 Early Hints', 'Link: </a.css>; rel=preload')}${head('HTTP/1.1 103 Early Hints', 'Content-Length: 7')}${head('HTTP/1.1 201 Created', 'Content-Length: 2')}ok`,
    expected: ok('ok', 201),
  },
  // Bad ones.
  { name: 'garbage', bytes: 'SSH-2.0-OpenSSH_9.2\r\n', expected: PROTOCOL_ERROR },
  { name: 'nothing', bytes: '', closes: true, expected: CLOSED },
  { name: 'half a status line', bytes: 'HTTP/1.', closes: true, expected: CLOSED },
  { name: 'half a head', bytes: 'HTTP/1.1 200 OK\r\nContent-Le', closes: true, expected: CLOSED },
  {
    name: 'head without its empty line',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n',
    closes: true,
    expected: CLOSED,
  },
  {
    name: 'body too short',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: 10')}short`,
    closes: true,
    expected: CLOSED,
  },
  { name: 'body missing', bytes: head('HTTP/1.1 200 OK', 'Content-Length: 10'), closes: true, expected: CLOSED },
  {
    name: 'chunked, cut off',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhel`,
    closes: true,
    expected: CLOSED,
  },
  {
    name: 'chunked, no last chunk',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`,
    closes: true,
    expected: CLOSED,
  },
  { name: 'only a 100', bytes: head('HTTP/1.1 100 Continue'), closes: true, expected: CLOSED },
  { name: 'another protocol version', bytes: head('HTTP/3.7 200 OK', 'Content-Length: 0'), expected: PROTOCOL_ERROR },
  { name: 'status of two digits', bytes: head('HTTP/1.1 20 OK', 'Content-Length: 0'), expected: PROTOCOL_ERROR },
  { name: 'status of four digits', bytes: head('HTTP/1.1 2000 OK', 'Content-Length: 0'), expected: PROTOCOL_ERROR },
  { name: 'status in letters', bytes: head('HTTP/1.1 abc OK', 'Content-Length: 0'), expected: PROTOCOL_ERROR },
  { name: 'line feed alone', bytes: 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', expected: PROTOCOL_ERROR },
  {
    name: 'carriage return in a value',
    bytes: head('HTTP/1.1 200 OK', 'X-A: a\rb', 'Content-Length: 0'),
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'control character in a value',
    bytes: head('HTTP/1.1 200 OK', 'X-A: a\x01b', 'Content-Length: 0'),
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'header without a colon',
    bytes: head('HTTP/1.1 200 OK', 'Oops', 'Content-Length: 0'),
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'header without a name',
    bytes: head('HTTP/1.1 200 OK', ': x', 'Content-Length: 0'),
    expected: PROTOCOL_ERROR,
  },
  { name: 'blank before the colon', bytes: head('HTTP/1.1 200 OK', 'Content-Length : 0'), expected: PROTOCOL_ERROR },
  { name: 'length in letters', bytes: head('HTTP/1.1 200 OK', 'Content-Length: ten'), expected: PROTOCOL_ERROR },
  { name: 'negative length', bytes: head('HTTP/1.1 200 OK', 'Content-Length: -1'), expected: PROTOCOL_ERROR },
  { name: 'empty length', bytes: head('HTTP/1.1 200 OK', 'Content-Length: '), expected: PROTOCOL_ERROR },
  {
    name: 'length with a blank in it',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: 1 2')}x`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'length beyond all measure',
    bytes: head('HTTP/1.1 200 OK', 'Content-Length: 99999999999999999999999'),
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'two lengths',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Content-Length: 2')}hi`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'length and chunked',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: 2', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'chunk size in letters',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}xyz\r\n`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'no chunk size',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}\r\nabc\r\n`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'chunk longer than its size',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}3\r\nabcd\r\n0\r\n\r\n`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'chunk size beyond all measure',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}fffffffffffffffff\r\n`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'chunked, line feed alone',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}3\nabc\n0\n\n`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'trailer without a colon',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}0\r\nOops\r\n\r\n`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'switches protocols unasked',
    bytes: head('HTTP/1.1 101 Switching Protocols', 'Upgrade: h2c', 'Connection: upgrade'),
    expected: PROTOCOL_ERROR,
  },
];

/** More bytes than the head tells: Node takes the answer and drops the connection; here it is the failure that it is. */
export const OVERLONG: readonly CorpusEntry[] = [
  {
    name: 'body longer than its length',
    bytes: `${head('HTTP/1.1 200 OK', 'Content-Length: 3')}abcdef`,
    expected: PROTOCOL_ERROR,
  },
  { name: '204 with a body', bytes: `${head('HTTP/1.1 204 No Content')}abc`, expected: PROTOCOL_ERROR },
  {
    name: 'bytes after the last chunk',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}0\r\n\r\nabc`,
    expected: PROTOCOL_ERROR,
  },
];

const folded = (...names: string[]) => head('HTTP/1.1 200 OK', ...names);

/** Node's parser refuses these; RFC 9112 wants a client to read them, and other clients do. */
export const LENIENT: readonly CorpusEntry[] = [
  { name: 'folded header', bytes: `${folded('X-Long: a', '\tb', ' c', 'Content-Length: 2')}hi`, expected: ok('hi') },
  { name: 'folded length', bytes: `${folded('Content-Length:', '  2', 'X: y')}hi`, expected: ok('hi') },
  { name: 'folded length at the end', bytes: `${folded('Content-Length: 2', ' ')}hi`, expected: ok('hi') },
  {
    name: 'folded list of codings',
    bytes: `${folded('Transfer-Encoding: gzip,', ' chunked')}2\r\nhi\r\n0\r\n\r\n`,
    expected: ok('hi'),
  },
  { name: 'two numbers in a folded length', bytes: folded('Content-Length: 1', ' 2'), expected: PROTOCOL_ERROR },
  {
    name: 'fold in the status line',
    bytes: head('HTTP/1.1 200 OK', ' more', 'Content-Length: 0'),
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'blanks after a chunk size, and before its extension',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}3  \r\nabc\r\n2 \t;a=b ; c\r\nde\r\n0 \r\n\r\n`,
    expected: ok('abcde'),
  },
  {
    name: 'a blank within a chunk size',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}1 2\r\nabc\r\n`,
    expected: PROTOCOL_ERROR,
  },
  {
    name: 'folded trailer',
    bytes: `${head('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}1\r\na\r\n0\r\nX: y\r\n z\r\n\r\n`,
    expected: ok('a'),
  },
];
