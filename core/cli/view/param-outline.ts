import { shown } from '../../plan/messages.ts';
import type { ParamSetting } from '../../plan/params/settings.ts';
import type { Paint } from '../output.ts';
import { type Column, renderTable } from './table.ts';

const INDENT = '  ';
const COLUMNS: readonly Column[] = [
  { title: 'Name', align: 'left', spare: 0 },
  { title: 'Value', align: 'left', spare: 0 },
  { title: 'From', align: 'left', spare: 0 },
  { title: 'Description', align: 'left', spare: 1 },
];

/** The parameters of a plan and what they stand for; nothing where it has none. */
export function paramOutline(params: readonly ParamSetting[], columns: number, paint: Paint): string[] {
  if (params.length === 0) return [];
  const rows = params.map(({ name, value, origin, description = '' }) => {
    return { cells: [name, typeof value === 'string' ? shown(value) : String(value), origin, description] };
  });
  const table = renderTable([...COLUMNS], rows, columns - INDENT.length, paint).map((line) => INDENT + line);
  return [paint('bold', 'Parameters'), ...table, ''];
}
