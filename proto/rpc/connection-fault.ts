import { NAME_FOR_ADDRESSES } from './tls-credentials.ts';

/** Why there is no connection to control. */
export interface ConnectionFault {
  /** Continues a sentence; one line. */
  readonly reason: string;
  /** What to do, without a full stop, where that is not to start control; empty where the reason says it. */
  readonly hint?: string;
}

/** How the library wraps what the system said of a connection. */
const NO_CONNECTION = /^No connection established\. Last error: (?:Error: )?(.*)\. Resolution note:.*$/s;
/** The library's time of a failure. */
const TIMESTAMP = / \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/;
const DEADLINE = /^Deadline exceeded(?: after ([\d.]+)s)?.*$/s;
/** A line of OpenSSL's or BoringSSL's error queue: its third part is the reason. */
const SSL_LINE = /^(?:[0-9A-F]+:)?error:[0-9A-F]+:SSL routines:[^:]*:([^:\n]+).*$/is;

const OTHER_NAME = /^.*does not match certificate's altnames: .* is not in the cert's (?:list|altnames): (.*)$/s;
/** As Node, Bun and Deno put it that nobody they know vouches for a certificate. */
const OTHER_AUTHORITY =
  /self[- ]signed certificate|unable to (?:verify the first|get (?:local )?issuer) certificate|certificate signature failure/;
const INVITATION = 'what `bench control invite` prints on its host';

/** @param told by the library, of a call that did not come through */
export function connectionFault(told: string): ConnectionFault {
  const text = told.trim().replace(NO_CONNECTION, '$1').replace(TIMESTAMP, '');
  // The library's words for an end without a reason: TLS has met a first message that is none of its own.
  if (text === 'Failed to connect') {
    return { reason: 'it closes the connection', hint: `if it speaks TLS, join it with ${INVITATION}` };
  }
  // What control itself says of it has its advice already.
  if (/limit of open files/.test(text)) return { reason: text, hint: '' };
  if (/EMFILE|ENFILE/.test(text)) {
    return { reason: 'too many files are open here', hint: 'raise the limit with `ulimit -n`' };
  }
  if (/wrong[ _]version[ _]number/i.test(text)) {
    const kept = 'also those that are kept in ~/.config/bench/credentials';
    return {
      reason: 'it does not speak TLS',
      hint: `if it is a control without TLS, leave the credentials away, ${kept}`,
    };
  }
  const [, names] = OTHER_NAME.exec(text) ?? [];
  if (names !== undefined) {
    return {
      reason: `its certificate is not for this name but for ${namesOf(names)}`,
      hint: 'use such a name, or make a certificate for this one with `bench control init --host` on its host',
    };
  }
  if (OTHER_AUTHORITY.test(text)) {
    return {
      reason: 'its certificate is of another authority',
      hint: `join it with ${INVITATION}, or give the credentials for it with --credentials`,
    };
  }
  const reason = text
    .replace(DEADLINE, (_, seconds = '0') => (Number(seconds) < 1 ? 'no answer in time' : noAnswer(Number(seconds))))
    .replace(SSL_LINE, (_, why: string) => `TLS: ${why.replaceAll('_', ' ').toLowerCase()}`);
  return { reason: reason.replace(/\s*\n\s*/g, ' ') };
}

function noAnswer(seconds: number): string {
  return `no answer within ${Math.round(seconds)} s`;
}

/** From `DNS:control.example, IP Address:192.0.2.5`, or a bare list. */
function namesOf(list: string): string {
  const names = list.split(', ').map((name) => name.replace(/^(?:DNS|IP Address):/, ''));
  return names.filter((name) => name !== NAME_FOR_ADDRESSES).join(', ');
}
