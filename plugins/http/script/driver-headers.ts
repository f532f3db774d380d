import { PluginError } from '../../../core/plugin.ts';
import { compileTemplate, type Placeholder } from '../../data/template.ts';
import { inHeader } from '../operation.ts';
import type { OperationOptions } from '../operation-options.ts';
import type { DefaultHeader } from './request-writer.ts';

/**
 * The headers of a driver, for the requests of scripts.
 * @param acceptEncoding undefined when it is not sent
 * @throws {PluginError} for a placeholder that has a value only in the operations of a plan
 */
export function driverHeaders(
  headers: OperationOptions['headers'],
  acceptEncoding: string | undefined,
): DefaultHeader[] {
  const compiled = Object.entries(headers).map(([name, template]): DefaultHeader => {
    const unusable = template.map(ofThePlan).find((written) => written !== undefined);
    if (unusable !== undefined) {
      throw new PluginError(
        `the header ${name} of the driver http has the placeholder ${unusable}, which requests of a script have no value for: give the header in the script`,
      );
    }
    return [name, compileTemplate(template, inHeader, noColumn)];
  });
  const isGiven = compiled.some(([name]) => name.toLowerCase() === 'accept-encoding');
  return acceptEncoding === undefined || isGiven ? compiled : [['Accept-Encoding', acceptEncoding], ...compiled];
}

/** A column or a variable of the plan. @returns as the plan writes it; undefined for what every user has */
function ofThePlan(part: string | Placeholder): string | undefined {
  if (typeof part === 'string') return undefined;
  if (part.kind === 'column') return `\${${part.set}.${part.column}}`;
  return part.kind === 'variable' ? `\${${part.name}}` : undefined;
}

function noColumn(): never {
  throw new Error('a header of a script has no column');
}
