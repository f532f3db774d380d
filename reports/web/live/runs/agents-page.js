// All agents that have joined this control, whether they work or not.

import { get } from '../api.js';
import { bytes, count, left, right, text } from '../cells.js';
import { DataTable } from '../data-table.js';
import { Complaint } from '../dialog.js';
import { html, useEffect, useState } from '../dom.js';
import { say } from '../words.js';

const PAGE = 500;
/** With it, names of hosts in a cloud would make the table wider than most screens. */
const HIDDEN = ['system'];

/** @param changes counts how often agents have come and gone */
export function AgentsPage({ changes }) {
  const [agents, setAgents] = useState();
  const [error, setError] = useState();
  useEffect(() => {
    const leaving = new AbortController();
    const told = (found) => {
      setAgents(found);
      setError(undefined);
    };
    allAgents(leaving.signal).then(told, (fault) => leaving.signal.aborted || setError(fault));
    return () => leaving.abort();
  }, [changes]);
  const columns = [
    left('name', say('column.agent')),
    left('host', say('column.host')),
    left('run', say('fact.run')),
    left('labels', say('agents.labels')),
    left('runtime', say('column.runtime')),
    left('system', say('column.system')),
    right('cpus', say('agents.cpus')),
    right('memory', say('live.memory')),
  ];
  const rows = (agents ?? []).map(({ name, host, os, runtime, cpus, memoryBytes, labels, runId }) => ({
    key: name,
    cells: [
      text(name),
      text(host),
      runId === null ? text(say('agents.idle'), 'muted') : { text: runId, href: `/runs/${runId}` },
      text(
        Object.entries(labels)
          .map((pair) => pair.join('='))
          .join(' '),
      ),
      text(runtime),
      text(os),
      count(cpus),
      bytes(memoryBytes),
    ],
  }));
  return html`<main id="content">
    <h1>${say('section.agents')}</h1>
    <${Complaint} error=${error} />
    ${agents === undefined && !error && html`<p class="note">${say('live.loading')}</p>`}
    ${agents?.length === 0 && html`<p>${say('agents.none')} <code>bench agent --control host:port</code></p>`}
    ${rows.length > 0 && html`<${DataTable} id="all-agents" title=${say('section.agents')} columns=${columns} rows=${rows} hidden=${HIDDEN} hasTools=${true} />`}
  </main>`;
}

async function allAgents(signal) {
  const found = [];
  let after;
  do {
    const page = await get('/agents', { limit: PAGE, after }, signal);
    found.push(...page.agents);
    after = page.after ?? undefined;
  } while (after !== undefined);
  return found;
}
