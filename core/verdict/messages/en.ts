/** English sentences. Parameters and forms: `message.ts`. */
export const en = {
  'threshold.pass': '{criterion}: met with {actual:quantity}.',
  'threshold.pass-by': '{criterion}: met with {actual:quantity}, a margin of {margin:share}.',
  'threshold.fail': '{criterion}: broken with {actual:quantity}.',
  'threshold.fail-by': '{criterion}: broken with {actual:quantity}, {margin:share} beyond the limit.',
  'threshold.invalid': '{criterion}: could not be judged: {reason}',
  'threshold.abort': '{criterion} was broken with {actual:quantity} in second {second}, which stops the run.',
  'threshold.no-samples': 'there are no samples of it.',
  'threshold.only-failures':
    'each of the {failures:count} requests failed, and how fast or how many failures were is no merit.',
  'threshold.no-window': 'no window of {windowSeconds} s fits into the phase.',
  'threshold.late-windows': 'samples came late and could not be read again: see the events for why.',
  'threshold.no-reconciliation': 'no driver compared acknowledged writes with stored rows.',
  'threshold.unverified':
    '{names:list} could not compare acknowledged writes with stored rows: see the events for why.',
  'threshold.nothing-acknowledged':
    'no write was acknowledged, as each of the {failures:count} requests failed: nothing was there that could be lost.',
  'threshold.unsettled':
    'the number of stored rows was still changing at the deadline, with {rows:count} rows in doubt.',

  'samples.ok': '{requests:count} requests were measured.',
  'samples.fail':
    'No request was measured: make the run longer than its warm-up, and see the events for what went wrong.',
  'agents-complete.ok': 'No agent was lost (took part: {agents}).',
  'agents-complete.fail':
    'Agents lost before they told their closing totals: {lost} of {agents} ({names:list}). Samples of theirs may be missing, and {share:share} of the load is; {limit:share} is tolerated. See their logs, and run again.',
  'agents-complete.away':
    'Agents that were not there all the time: {lost} of {agents} ({names:list}). They have told their closing totals: what is missing is {share:share} of the load, for the time without them; {limit:share} is tolerated. Have the agents there from the start to the end, and run again.',
  'agents-complete.mixed':
    'Agents lost before they told their closing totals: {lost} of {agents} ({names:list}); samples of theirs may be missing. Not there all the time, but with closing totals told: {away} ({awayNames:list}). In all, {share:share} of the load is missing; {limit:share} is tolerated. See the logs of those that were lost, and run again.',
  'agents-complete.untold':
    'Agents lost: {lost} of {agents} ({names:list}). They have not said what their samples add up to, so nobody knows whether some of their last ones are missing. See their logs, and run again.',
  'agents-complete.few':
    'Agents that were not there all the time: {lost} of {agents} ({names:list}). {share:share} of the load is missing, within the tolerated {limit:share}.',
  'closing-totals.ok': "The agents' own closing totals agree with the {requests:count} requests that control merged.",
  'closing-totals.part':
    'The closing totals of the agents that told theirs agree with the {requests:count} requests that control merged of them. Agents that have not told theirs: {missing} of {agents} ({names:list}).',
  'closing-totals.skipped': 'Not judged: no agent has told its closing totals.',
  'closing-totals.fail':
    'The closing totals of {names:list} differ from what control merged: samples were lost or doubled on the way. Do not use these figures; report it as a bug.',
  'generator-saturated.ok': 'The busiest agent process used at most {max:share} of a core.',
  'generator-saturated.null':
    'The null driver measures the generator itself: its process used up to {max:share} of a core.',
  'generator-saturated.skipped': 'Not judged: no whole second was measured.',
  'generator-saturated.fail':
    'An agent process used {limit:share} of a core or more in {seconds} of {measured} measured seconds, {longest} of them in a row ({agents:list}): the generator, not the target, set the pace. Use more agent processes or more hosts, or a lower load.',
  'generator-lag.ok': "The agents' event loops were late by at most {maxUs:ms}.",
  'generator-lag.skipped': 'Not judged: no whole second was measured.',
  'generator-lag.fail':
    "The agents' event loops stood still for {share:share} of the measured time, up to {maxUs:ms} at once, in stalls longer than {limitUs:ms} (limit {limit:share}): answers were read late. Give the agents processors of their own, use more of them, or a lower load.",
  'send-delay.ok': '99% of the operations began at most {delayUs:ms} after their intended start.',
  'send-delay.fail':
    '1% of the operations began {delayUs:ms} or more after their intended start (limit {limitUs:ms}, p99 of the service time {serviceUs:ms}): response times show the generator, not the target. Use more agent processes or more hosts, or a lower load.',
  'local-errors.ok': "No request failed for want of the generator's own ports or files.",
  'local-errors.fail':
    "{failures:count} requests failed on the generator's own host ({kinds:list}): they say nothing of the target. Raise `ulimit -n` and net.ipv4.ip_local_port_range, use more hosts, or keep connections open.",
  'dropped-arrivals.none': 'No arrival was dropped.',
  'dropped-arrivals.few':
    '{dropped:count} arrivals ({share:share}) found no free virtual user and were dropped (limit {limit:share}).',
  'dropped-arrivals.target':
    '{dropped:count} arrivals ({share:share}) found no free virtual user and were dropped while the generator kept up: the target held the virtual users for too long for this rate. The percentiles are of the requests that were sent. If the target is meant to be that slow, raise maxVus.',
  'dropped-arrivals.missed':
    '{dropped:count} arrivals ({share:share}, limit {limit:share}) were dropped, {missed:count} of them because agents heard of the start, or of a change of the load, when their time was over: the planned load was not offered. See the events, and run again.',
  'dropped-arrivals.fail':
    '{dropped:count} arrivals ({share:share}, limit {limit:share}) were dropped, and the generator, or the processor of its host, was at its limit: the planned load was not offered, and it is not known through whom. Use more agents, hosts that the target does not share, or a lower rate.',
  'littles-law.ok':
    "Little's law holds: virtual users were alive for at most {aliveUs:span}, of which {workUs:span} went into requests and {thinkUs:span} into thinking.",
  'littles-law.bounded':
    "Little's law holds: requests took {workUs:span} of the {aliveUs:span} that virtual users were alive at most.",
  'littles-law.skipped': 'Not judged: too short a run, agents that were lost, or the null driver.',
  'littles-law.too-much':
    "Little's law does not hold: requests ({workUs:span}) and thinking ({thinkUs:span}) took more than the {aliveUs:span} that virtual users were alive at most, by more than {tolerance:share}. Samples were doubled or mistimed: do not use these figures; report it as a bug.",
  'littles-law.too-little':
    "Little's law does not hold: requests ({workUs:span}) and thinking ({thinkUs:span}) leave more than {tolerance:share} of the {aliveUs:span} that virtual users were alive at most unaccounted for. Samples are missing, or virtual users had to wait for the generator: use more agent processes and run again.",
  'clock.ok': "The agents' clocks are known to within {uncertaintyUs:ms}.",
  'clock.fail':
    'The clocks of {names:list} are known only to within {uncertaintyUs:ms} (limit {limitUs:ms}): their seconds cannot be laid side by side. Use agents with a faster connection to control.',
  'clock.moved':
    "The clocks of {names:list} moved by up to {movedUs:span} against control's while the load ran (limit {limitUs:ms}): their load did not keep to the plan, and their seconds cannot be laid side by side. See that nothing suspends, migrates or sets back these hosts, and run again.",
  'start-skew.ok': 'The agents began within {skewUs:ms} of each other.',
  'start-skew.skipped': 'Not judged: by its load model, the agents begin apart.',
  'start-skew.fail':
    'The agents began {skewUs:ms} apart (limit {limitUs:ms}): they did not make one load. Give them processors of their own and run again.',

  'verdict.aborted':
    'The run was stopped before its time, after {measuredUs:span} of measuring ({reason}): its figures are of that time only.',
  'conclusion.stopped':
    'The run was stopped after {measuredUs:span} of measuring ({reason}); what follows is of that time.',
  'conclusion.invalid':
    'This measurement cannot be believed and says nothing of the target: checks that failed: {checks}.',
  'conclusion.load':
    'Up to {vus:users} made {requests:count} requests in {measuredUs:span}: {perSecond:rate} on average, {currentPerSecond:rate} in the last {currentUs:span}.',
  'conclusion.load-dropped':
    'Up to {vus:users} made {requests:count} requests in {measuredUs:span}: {perSecond:rate} on average, {currentPerSecond:rate} in the last {currentUs:span}; {dropped:count} more arrivals found no free virtual user.',
  'conclusion.load-brief':
    'Up to {vus:users} made {requests:count} requests in {measuredUs:span}: {perSecond:rate} on average.',
  'conclusion.load-brief-dropped':
    'Up to {vus:users} made {requests:count} requests in {measuredUs:span}: {perSecond:rate} on average; {dropped:count} more arrivals found no free virtual user.',
  'conclusion.response-time': '{operation}: median {p50Us:ms}, average {meanUs:ms}, p95 {p95Us:ms}, p99 {p99Us:ms}.',
  'conclusion.response-time-met':
    '{operation}: median {p50Us:ms}, average {meanUs:ms}, p95 {p95Us:ms}, p99 {p99Us:ms}, which meets {criterion} with a margin of {margin:share}.',
  'conclusion.response-time-ample':
    '{operation}: median {p50Us:ms}, average {meanUs:ms}, p95 {p95Us:ms}, p99 {p99Us:ms}, which meets {criterion} by far, with a margin of {margin:share}.',
  'conclusion.response-time-broken':
    '{operation}: median {p50Us:ms}, average {meanUs:ms}, p95 {p95Us:ms}, p99 {p99Us:ms}, which breaks {criterion} by {margin:share}.',
  'conclusion.no-response': '{operation}: no request was measured.',
  'conclusion.no-failures': 'All {requests:count} requests succeeded: 0% failures.',
  'conclusion.failures':
    '{errors:count} of {requests:count} requests failed ({share:share}; availability {availability:share}), most often {kinds:list}.',
  'conclusion.all-failed': 'Each of the {requests:count} requests failed, most often {kinds:list}.',
  'conclusion.knee-vus':
    'Beyond {load:users} throughput no longer grows ({perSecond:rate} there, {beyondPerSecond:rate} with {beyondLoad:count}), while the p95 rises from {p95Us:ms} to {beyondP95Us:ms}: the knee is at {load:users}.',
  'conclusion.knee-rate':
    'Beyond an offered {load:rate} throughput no longer grows ({perSecond:rate} there, {beyondPerSecond:rate} when {beyondLoad:rate} are offered), while the p95 rises from {p95Us:ms} to {beyondP95Us:ms}: the knee is at {load:rate}.',
  'conclusion.knee-failures':
    'There the share of failures rises too, from {errorShare:share} to {beyondErrorShare:share}.',
  'conclusion.no-knee-vus':
    'Throughput still grew at the highest stage ({load:users}, {perSecond:rate}, p95 {p95Us:ms}): the limit of the target was not reached.',
  'conclusion.no-knee-rate':
    'Throughput still grew at the highest stage (an offered {load:rate}, {perSecond:rate}, p95 {p95Us:ms}): the limit of the target was not reached.',
  'conclusion.backlog-none':
    '{name} was {least:number} to {most:number}, {mean:number} on average: requests are dealt with as they come, nothing piles up.',
  'conclusion.backlog-some':
    '{name} was {least:number} to {most:number}, {mean:number} on average: part of the requests have to wait.',
  'conclusion.backlog-growing':
    '{name} grew from {atFirst:number} to {atLast:number}, at most {most:number}: requests come faster than they are dealt with.',
  'conclusion.data-complete':
    '{acknowledged:count} writes were acknowledged, {stored:count} rows are stored: nothing is lost.',
  'conclusion.data-none': 'No write was acknowledged, so none can be lost; {stored:count} rows are stored.',
  'conclusion.data-lost':
    '{acknowledged:count} writes were acknowledged, {stored:count} rows are stored; acknowledged writes that are lost: {lost:count}.',
  'conclusion.data-unknown':
    'Writes that ended without an answer: {unknown:count}; of these, stored all the same: {storedWithoutAcknowledgement:count}.',
  'conclusion.data-extra': 'Rows that are stored though nobody sent them: {extra:count}.',
  'conclusion.data-extra-lost':
    'Rows that are stored though no agent told of sending them: {extra:count}. They may be of agents that were lost before they could tell ({names:list}).',
  'conclusion.data-unsettled': 'The number of stored rows was still changing when counting ended.',
  'conclusion.bottleneck-cpu':
    '{owner}: CPU at {mean:share} on average, {max:share} at its peak: this is the bottleneck.',
  'conclusion.bottleneck-memory':
    '{owner}: memory at {mean:share} on average, {max:share} at its peak: this is the bottleneck.',
  'conclusion.nearly-full-cpu':
    '{owner}: CPU at {mean:share} on average, {max:share} at its peak: no harm shows yet, but this would run out first.',
  'conclusion.nearly-full-memory':
    '{owner}: memory at {mean:share} on average, {max:share} at its peak: no harm shows yet, but this would run out first.',
  'conclusion.free-cpu': '{owner}: CPU at {mean:share} on average, {max:share} at its peak: no bottleneck.',
  'conclusion.free-memory': '{owner}: memory at {mean:share} on average, {max:share} at its peak: no bottleneck.',
  'conclusion.slow-environment':
    'All {operations} operations are slow by about the same amount, whatever they do (no request below {floorUs:ms}, medians {leastUs:ms} to {mostUs:ms}): this points to the environment, not to the code. Look at name resolution (localhost as IPv6 first), connecting, proxies, firewalls and virtualisation.',
  'conclusion.phase-times': 'Median times of the phases: {phases:list}.',
  'conclusion.slow-phase': 'Most of the common delay lies in {phase} ({medianUs:ms}).',
  'conclusion.slow-operations':
    'Slow in themselves, as {quickest} answers in {quickestUs:ms} in the same environment: {names:list} (medians).',
  'conclusion.no-criteria': 'The plan sets no criteria, so there is nothing to pass or fail.',
  'conclusion.overall-ample':
    'With {vus:users} the target meets all criteria ({criteria}) with ample reserve: the tightest, {criterion}, has a margin of {margin:share}.',
  'conclusion.overall-margin':
    'With {vus:users} the target meets all criteria ({criteria}); the tightest, {criterion}, has a margin of {margin:share}.',
  'conclusion.overall-met': 'With {vus:users} the target meets all criteria ({criteria}).',
  'conclusion.overall-fail':
    'With {vus:users} the target does not meet the requirements: {met} of {criteria} criteria are met; broken: {broken:list}.',
  'conclusion.overall-unjudged': 'Not all criteria could be judged, so this is no pass: {unjudged:list}.',
} as const satisfies Readonly<Record<string, string>>;

/** A sentence for each id. `{name}` stands for a parameter as it is, `{name:form}` for one in a form of message.ts. */
export type Catalogue = Readonly<Record<keyof typeof en, string>>;
