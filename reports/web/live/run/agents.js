// The agents of a run: those that are lost first, because somebody has to look after them.

import { bytes, count, exactMs, lazyRow, left, msWithUnit, number, right, text, used } from '../cells.js';
import { DataTable } from '../data-table.js';
import { html } from '../dom.js';
import { say } from '../words.js';

const TONES = { lost: 'bad', away: 'warn', preparing: 'muted', left: 'muted', ended: 'muted' };
const RANKS = ['lost', 'away', 'running', 'preparing', 'left', 'ended'];
/** A host that is fuller has no time to spare for its agents: core/verdict/validity/cause.ts. */
const FULL_HOST_SHARE = 0.9;
/** From this share of a core on, the single thread of an agent has none: core/verdict/validity/generator.ts. */
const SATURATED_CORES = 0.95;
/** Whose figures are old because none come: those of others are told again only when they have changed. */
const SILENT = new Set(['away', 'lost']);

export function Agents({ run }) {
  const newest = run.second?.second ?? -1;
  const columns = [
    left('state', say('live.state')),
    left('name', say('column.agent')),
    left('host', say('column.host')),
    right('vus', say('column.users')),
    right('cpu', say('chart.cpu')),
    right('hostCpu', say('column.hostCpu')),
    right('memory', say('live.memory')),
    right('lag', say('chart.lag')),
    right('clock', say('column.clock')),
    right('behind', say('live.behind')),
  ];
  // Sorted here: for the table to do it, it would need the cells of all.
  const all = [...run.agents.values()];
  const agents = RANKS.flatMap((rank) => all.filter(({ state }) => state === rank));
  const cells = (agent) => [
    { ...text(say(`agent.${agent.state}`), TONES[agent.state]), order: RANKS.indexOf(agent.state) },
    text(agent.name),
    text(agent.host),
    count(agent.vus),
    number(Math.round(agent.cpuCores * 100) / 100, agent.cpuCores >= SATURATED_CORES ? 'bad' : undefined),
    used(agent.hostCpu, agent.hostCpu >= FULL_HOST_SHARE ? 'bad' : undefined),
    bytes(agent.memoryBytes),
    exactMs(agent.lagUs),
    msWithUnit(agent.clockUncertaintyUs),
    count(SILENT.has(agent.state) ? Math.max(0, newest - agent.second) : 0),
  ];
  const table = { cells: (name) => cells(run.agents.get(name)) };
  const rows = agents.map(({ name }) => lazyRow(name, table));
  return html`<${DataTable} id="agents" title=${say('section.agents')} columns=${columns} rows=${rows} />`;
}
