import { z } from 'zod';
import { shown } from '../../core/plan/messages.ts';
import { parseTemplate, type Template } from '../data/template.ts';
import { parseAddress, type TargetAddress } from '../net/target-address.ts';

/** Where an operation's requests go. */
export interface RequestPath {
  /** Undefined: where the driver's other requests go. */
  readonly origin: TargetAddress | undefined;
  /** Begins with a slash; percent-encoded. */
  readonly template: Template;
}

/** The origin of a whole URL, and what follows it. */
const WHOLE_URL = /^(https?:\/\/[^/?#]*)(.*)$/is;
const HOST_VARIES =
  'the host must be the same for all requests of an operation, because it is looked up before the load: write placeholders after it only';

/** A path from the root, or a whole URL; placeholders may stand anywhere but in the host. */
export const requestPathSchema = z.string().transform((text, context): RequestPath => {
  const parsed = parseRequestPath(text);
  if (typeof parsed !== 'string') return parsed;
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});

/** @returns what is wrong with it, when it is none */
function parseRequestPath(text: string): RequestPath | string {
  const [, origin, rest = ''] = WHOLE_URL.exec(text) ?? [];
  if (origin === undefined && !text.startsWith('/')) {
    if (text.startsWith('${')) return HOST_VARIES;
    return `must begin with /, or be a whole URL such as https://shop.test/items, not ${shown(text)}`;
  }
  if (origin?.includes('${')) return HOST_VARIES;
  const address = origin === undefined ? undefined : parseAddress(origin, 'path');
  if (typeof address === 'string') return address;
  const written = origin === undefined ? text : rest.startsWith('/') ? rest : `/${rest}`;
  const template = parseTemplate(written);
  if (typeof template === 'string') return template;
  if (template.some((part) => typeof part === 'string' && /[\s#]/.test(part))) {
    return 'must not contain spaces or #: write them as %20 and %23';
  }
  return { origin: address, template: template.map(percentEncoded) };
}

function percentEncoded(part: Template[number]): Template[number] {
  return typeof part === 'string' ? part.replaceAll(/[^!-~]+/gu, encodeURIComponent) : part;
}

/** The path as written in the plan, so that all requests of an operation have one label. */
export function labelOf({ origin, template }: RequestPath): string {
  return `${origin?.url ?? ''}${template.map((part) => (typeof part === 'string' ? part : '…')).join('')}`;
}
