import { z } from 'zod';
import { shown } from '../../../core/plan/messages.ts';
import { isNumeric, parseTemplate, type Template } from '../../data/template.ts';

/** JSON whose strings are templates, turned into one template of the JSON text. */
export const jsonTemplateSchema = z.unknown().transform((value, context): Template => {
  const parts: Template[number][] = [];
  const problem = appendJson(value, parts);
  if (problem === undefined) return parts;
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

/** @returns what is wrong with a template in the JSON; undefined when all are valid */
function appendJson(value: unknown, parts: Template[number][]): string | undefined {
  if (typeof value === 'string') {
    const inner = parseTemplate(value);
    if (typeof inner === 'string') return inner;
    if (inner.length === 1 && isNumeric(inner[0])) {
      parts.push(...inner);
      return undefined;
    }
    const quoted = inner.map((part) => (typeof part === 'string' ? JSON.stringify(part).slice(1, -1) : part));
    parts.push('"', ...quoted, '"');
    return undefined;
  }
  if (typeof value !== 'object' || value === null) {
    const written = JSON.stringify(value) as string | undefined;
    if (written === undefined) return `must be JSON, not ${shown(value)}`;
    parts.push(written);
    return undefined;
  }
  const isList = Array.isArray(value);
  let separator = isList ? '[' : '{';
  for (const [key, entry] of Object.entries(value)) {
    parts.push(isList ? separator : `${separator}${JSON.stringify(key)}:`);
    separator = ',';
    const problem = appendJson(entry, parts);
    if (problem !== undefined) return problem;
  }
  if (separator !== ',') parts.push(separator);
  parts.push(isList ? ']' : '}');
  return undefined;
}
