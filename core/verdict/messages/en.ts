/** English sentences. Parameters and forms: `message.ts`. */
export const en = {
  'check.fails': 'check "{name}" did not hold {fails:count} of {all:count} times.',
  'threshold.pass': '{criterion}: passed with {actual:quantity}.',
  'threshold.pass-by': '{criterion}: passed with {actual:quantity}, a margin of {margin:share}.',
  'threshold.fail': '{criterion}: failed with {actual:quantity}.',
  'threshold.fail-by': '{criterion}: failed with {actual:quantity}, {excess:excess}.',
  'threshold.invalid': '{criterion}: could not be judged: {reason:said}',
  'threshold.abort': '{criterion} failed with {actual:quantity} in second {second}, which stops the run.',
  'threshold.no-samples': 'there are no samples for it.',
  'threshold.nothing-counted': 'nothing was counted.',
  'threshold.nothing-counted-but': 'nothing was counted under this name, only as {names:list}.',
  'threshold.void': '{reason:said}',
  'threshold.no-passes': 'no pass was due in this phase: let it last longer than a pass takes.',
  'threshold.only-failures': '{failures:allRequests} failed, and fast or frequent failures must not count as a pass.',
  'threshold.only-failed-passes':
    'every pass of the journey failed ({failures:count}), and a failure that is fast or frequent must not meet a criterion.',
  'threshold.no-window': 'the phase is shorter than one window of {windowSeconds} s.',
  'threshold.late-windows': 'some samples arrived late and could not be read again; the events say why.',
  'threshold.paused':
    'with {actual:quantity} it failed, but somebody paused the load for {pausedUs:span} of the time that it is judged on.',
  'threshold.unfinished': 'it had come to {actual:quantity}, and the load was not over.',
  'threshold.agents-away':
    'with {actual:quantity} it failed, but {share:share} of the load was missing in the time that it is judged on, because not all agents were there.',
  'threshold.other-load': 'somebody changed the load or stopped it early, so that it is not the load of the baseline.',
  'threshold.generator-late':
    'with {actual:quantity} it failed, but the load generator sent requests up to {delayUs:ms} late; without that delay (service time) it is {service:quantity}, within the limit.',
  'threshold.generator-stalled':
    'with {actual:quantity} it failed, but the load generator stood still in {stalled} of the {seconds} seconds; over the others it is {otherwise:quantity}, within the limit. Give the load generator a host of its own, or more CPU, and run again.',
  'threshold.generator-stalled-only':
    'with {actual:quantity} it failed, but the load generator stood still in every second that it was judged on. Give the load generator a host of its own, or more CPU, and run again.',
  'threshold.generator-timeouts':
    'with {actual:quantity} it failed, but {timeouts:requests} timed out in seconds in which the load generator stood still; without them it is {otherwise:quantity}, within the limit. Give the load generator a host of its own, or more CPU, and run again.',
  'threshold.generator-timeouts-in-passes':
    'with {actual:quantity} it failed, but {timeouts:passes} failed because a request timed out in seconds in which the load generator stood still; without them it is {otherwise:quantity}, within the limit. Give the load generator a host of its own, or more CPU, and run again.',
  'threshold.generator-slow':
    'with {actual:quantity} it failed, but virtual users waited for the load generator for {share:share} of their time; without that it would be about {otherwise:quantity}, within the limit. Use more agents, or give them more CPU, and run again.',
  'threshold.no-reconciliation': 'no driver compared acknowledged writes with stored rows.',
  'threshold.unverified': '{names:list} could not compare acknowledged writes with stored rows; the events say why.',
  'threshold.nothing-acknowledged':
    'no write was acknowledged because {failures:allRequests} failed, so there was nothing that could be lost.',
  'threshold.unsettled':
    'the number of stored rows was still changing at the deadline; {rows:count} rows are in doubt.',
  'threshold.warning-share':
    '{criterion} allows {share:share} of all requests to fail. If you meant {percent}, write {percent} with the percent sign.',
  'threshold.warning-share-dropped':
    '{criterion} allows {share:share} of all arrivals to be dropped. If you meant {percent}, write {percent} with the percent sign.',

  'samples.ok': '{requests:requests} measured.',
  'samples.fail':
    'No request was measured. Look at the failures and at the events, or make the run longer than its warm-up.',
  'agents-complete.ok': 'No agent was lost (agents: {agents}).',
  'agents-complete.fail':
    'Agents lost before they reported their final totals: {lost} of {agents} ({names:list}). Some of their samples may be missing, and {share:share} of the load is missing (limit {limit:share}). Check their logs and run again.',
  'agents-complete.away':
    'Agents that were not present for the whole run: {lost} of {agents} ({names:list}). They reported their final totals, so only the load of the time without them is missing: {share:share} (limit {limit:share}). Keep the agents connected from start to end and run again.',
  'agents-complete.unstored':
    'What {lost} of {agents} agents ({names:list}) reported is not in these figures from the time on when control could not store it: {share:share} of the load (limit {limit:share}). The agents were there, but {problem}. Mend the store and run again.',
  'agents-complete.mixed':
    'Agents lost before they reported their final totals: {lost} of {agents} ({names:list}); some of their samples may be missing. Not present for the whole run, but with totals reported: {away} ({awayNames:list}). In total {share:share} of the load is missing (limit {limit:share}). Check the logs of the lost agents and run again.',
  'agents-complete.untold':
    'Agents lost before they reported their final totals: {lost} of {agents} ({names:list}). Their last samples may be missing. Check their logs and run again.',
  'agents-complete.few':
    'Agents that were not present for the whole run: {lost} of {agents} ({names:list}). {share:share} of the load is missing, which is within the limit of {limit:share}.',
  'closing-totals.ok': 'The final totals that the agents reported match the {requests:requests} that control merged.',
  'closing-totals.part':
    'The final totals that agents reported match the {requests:requests} that control merged. Agents that reported none: {missing} of {agents} ({names:list}).',
  'closing-totals.skipped': 'Not judged: no agent reported its final totals.',
  'closing-totals.fail':
    'The final totals of {names:list} differ from what control merged: samples were lost or counted twice on the way. Do not use these figures, and please report this as a bug.',
  'closing-totals.unstored':
    'What {names:list} reported is not all in these figures, because {problem}. Do not use them; mend the store and run again.',
  'generator-saturated.ok': 'The busiest agent process used at most {max:share} of a core.',
  'generator-saturated.null':
    'The null driver measures the load generator itself: its process used up to {max:share} of a core.',
  'generator-saturated.skipped': 'Not judged: the run has no complete measured second.',
  'generator-saturated.fail':
    'An agent process used {limit:share} of a core or more in {seconds} of {measured} measured seconds, {longest} of them in a row ({agents:list}), so the load generator set the pace, not the target. Use more agent processes or more hosts, or lower the load.',
  'generator-lag.ok': 'The event loops of the agents were late by at most {maxUs:ms}.',
  'generator-lag.some':
    'The event loops of the agents were blocked for {share:share} of the measured time, up to {maxUs:ms} at once: the slowest response times contain this delay. {cause:cause}',
  'generator-lag.skipped': 'Not judged: the run has no complete measured second.',
  'generator-lag.fail':
    'The event loops of the agents were blocked for {share:share} of the measured time, up to {maxUs:ms} at once (limit {limit:share}, counting blocks longer than {limitUs:ms}), so responses were read late. {cause:cause}',
  'send-delay.ok': '99% of the operations started at most {delayUs:ms} after they were due.',
  'send-delay.few':
    'Not judged: {samples:count} operations are too few to say how punctually they are sent (at least {least:count}).',
  'send-delay.some':
    '5% of the operations started {delayUs:ms} or more after they were due: response times from p95 up contain this delay, service times do not (p95 {serviceUs:ms}). {cause:cause}',
  'send-delay.fail':
    'A quarter of the operations started {delayUs:ms} or more after they were due (limit {limitUs:ms}; p75 of the service time {serviceUs:ms}), so the response times show the load generator, not the target. {cause:cause}',
  'local-errors.ok': 'No request failed because the load generator ran out of ports or file descriptors.',
  'local-errors.fail':
    '{failures:requests} failed on the host of the load generator ({kinds:list}) and say nothing about the target. Raise the limit of open files (ulimit -n) and net.ipv4.ip_local_port_range, use more hosts, or keep connections open.',
  'dropped-arrivals.none': 'No arrival was dropped.',
  'dropped-arrivals.few':
    '{dropped:count} arrivals ({share:share}) were dropped because no virtual user was free (limit {limit:share}).',
  'dropped-arrivals.target':
    '{dropped:count} arrivals ({share:share}) were dropped because no virtual user was free. The load generator kept up, so the target was too slow for this rate. Percentiles cover only the requests that were sent. If the target is meant to be this slow, raise maxVus.',
  'dropped-arrivals.missed':
    '{dropped:count} arrivals ({share:share}, limit {limit:share}) were dropped, {missed:count} of them because agents learned of the start, or of a load change, too late: the target did not get the planned load. Check the events and run again.',
  'dropped-arrivals.fail':
    '{dropped:count} arrivals ({share:share}, limit {limit:share}) were dropped while the load generator or the CPU of its host was at its limit: the target did not get the planned load, and it is unknown whether generator or target caused it. Use more agents, run them on a host of their own, or lower the rate.',
  'littles-law.ok':
    "Little's law holds: virtual users were active for at most {aliveUs:span}, with {workUs:span} spent in requests and {thinkUs:span} in think time.",
  'littles-law.bounded':
    "Little's law holds: requests took {workUs:span} of the {aliveUs:span} at most for which virtual users were active.",
  'littles-law.skipped': 'Not judged: the run is too short, lost agents, or uses the null driver.',
  'littles-law.too-much':
    "Little's law does not hold: requests ({workUs:span}) and think time ({thinkUs:span}) add up to more than the {aliveUs:span} for which virtual users were active at most, by more than {tolerance:share}. Samples were counted twice or timed wrongly. Do not use these figures, and please report this as a bug.",
  'littles-law.too-little':
    "Little's law does not hold: of the {aliveUs:span} for which virtual users were active at most, requests ({workUs:span}) and think time ({thinkUs:span}) leave more than {tolerance:share} unexplained. Samples are missing, or virtual users had to wait for the load generator. Use more agent processes and run again.",
  'clock.ok': 'The clocks of the agents are known to within {uncertaintyUs:ms}.',
  'clock.fail':
    'The clocks of {names:list} are known only to within {uncertaintyUs:ms} (limit {limitUs:ms}), so their seconds cannot be aligned. Use agents with a faster connection to control.',
  'clock.moved':
    'The clocks of {names:list} moved by up to {movedUs:span} relative to control during the load (limit {limitUs:ms}), so their load did not follow the plan and their seconds cannot be aligned. Make sure that nothing suspends or migrates these hosts or sets their clocks back, and run again.',
  'start-skew.ok': 'The agents started within {skewUs:ms} of each other.',
  'start-skew.skipped': 'Not judged: with this load model the agents start at different times.',
  'start-skew.fail':
    'The agents started {skewUs:ms} apart (limit {limitUs:ms}), so they did not produce one common load. Give them CPUs of their own and run again.',

  'cause.others':
    'On the host of {names:list} the CPU was at {host:used}, of which the agents used {agents:used}: other processes took the rest. Stop what else runs there, or run the agents on a host of their own.',
  'cause.agents':
    'The agents themselves were busy: on the host of {names:list} the CPU was at {host:used}, of which they used {agents:used}. Use more hosts, or lower the load.',
  'cause.process': 'The process of {names:list} used a whole core. Use more agent processes, or lower the load.',
  'cause.paused':
    'Neither the agents ({agents:used}) nor their hosts ({host:used}) were short of CPU: something else paused the agents, such as virtualization, power saving or a debugger. Run them on a host of their own.',

  'verdict.aborted':
    'The run was stopped early, after {measuredUs:span} of measurement ({reason:said}): its figures cover only that time.',
  'verdict.running':
    'The run goes on: these figures cover the first {measuredUs:span} of its measurement, and the verdict is as if it had ended then.',
  'conclusion.used-up':
    'The load ended after {lastedUs:span} of {plannedUs:span}, because the virtual users had nothing more to send: their data were used up.',
  'conclusion.stopped':
    'The run was stopped after {measuredUs:span} of measurement ({reason:said}); everything below covers only that time.',
  'conclusion.paused':
    'Somebody paused the load for {pausedUs:span} of the {measuredUs:span} that were measured: figures per second count that time too.',
  'conclusion.load-changed':
    'Somebody changed the load while it ran (changes: {changes:count}): it is not that of the plan.',
  'conclusion.invalid':
    'This measurement cannot be trusted and says nothing about the target. Failed validity checks: {checks}.',
  'conclusion.load':
    'Up to {vus:users} made {requests:requests} in {measuredUs:span}: {perSecond:rate} on average, {currentPerSecond:rate} in the last {currentUs:span}.',
  'conclusion.load-dropped':
    'Up to {vus:users} made {requests:requests} in {measuredUs:span}: {perSecond:rate} on average, {currentPerSecond:rate} in the last {currentUs:span}; {dropped:count} more arrivals were dropped because no virtual user was free.',
  'conclusion.load-brief':
    'Up to {vus:users} made {requests:requests} in {measuredUs:span}: {perSecond:rate} on average.',
  'conclusion.load-brief-dropped':
    'Up to {vus:users} made {requests:requests} in {measuredUs:span}: {perSecond:rate} on average; {dropped:count} more arrivals were dropped because no virtual user was free.',
  'conclusion.rate':
    'Figures per second count the {ended:requests} that ended in {endedUs:span} of load, and not those that began in it.',
  'conclusion.journey':
    'Journey {name}: {passes:passes}, {failed:share} failed; median {p50Us:ms}, p95 {p95Us:ms} with its pauses, {workUs:ms} and {workP95Us:ms} without.',
  'conclusion.ratio': '{name}: {share:share} ({hits:count} of {of:count}).',
  'conclusion.ratio-void': '{name} says nothing: {reason:said}',
  'conclusion.response-time': '{operation}: median {p50Us:ms}, average {meanUs:ms}, p95 {p95Us:ms}, p99 {p99Us:ms}.',
  'conclusion.response-time-met':
    '{operation}: median {p50Us:ms}, average {meanUs:ms}, p95 {p95Us:ms}, p99 {p99Us:ms}, which passes {criterion} with a margin of {margin:share}.',
  'conclusion.response-time-ample':
    '{operation}: median {p50Us:ms}, average {meanUs:ms}, p95 {p95Us:ms}, p99 {p99Us:ms}, which passes {criterion} easily, with a margin of {margin:share}.',
  'conclusion.response-time-broken':
    '{operation}: median {p50Us:ms}, average {meanUs:ms}, p95 {p95Us:ms}, p99 {p99Us:ms}, which fails {criterion}: {excess:excess}.',
  'conclusion.no-response': '{operation}: no request was measured.',
  'conclusion.no-failures': '{requests:AllRequests} succeeded.',
  'conclusion.failures':
    '{errors:count} of {requests:requests} failed ({share:share}; availability {availability:share}), most often with {kinds:list}.',
  'conclusion.all-failed': '{requests:AllRequests} failed, most often with {kinds:list}.',
  'conclusion.silent':
    'From second {second} on, the target answered nothing for {silentUs:span}: requests of that time took up to {maxUs:ms}.',
  'conclusion.resent':
    'Requests sent again because the server closed the connection without an answer: {count:count}. Each counts as one request.',
  'conclusion.knee-vus':
    'Above {load:users} throughput stops growing ({perSecond:rate} there, {beyondPerSecond:rate} with {beyondLoad:count}) while the p95 rises from {p95Us:ms} to {beyondP95Us:ms}: the knee is at {load:users}.',
  'conclusion.knee-rate':
    'Above an offered {load:rate} throughput stops growing ({perSecond:rate} there, {beyondPerSecond:rate} at an offered {beyondLoad:rate}) while the p95 rises from {p95Us:ms} to {beyondP95Us:ms}: the knee is at {load:rate}.',
  'conclusion.knee-slow-vus':
    'Above {load:users} throughput grows much less than the load ({perSecond:rate} there, {beyondPerSecond:rate} with {beyondLoad:count}) while the p95 rises from {p95Us:ms} to {beyondP95Us:ms}: the knee is at {load:users}.',
  'conclusion.knee-failures':
    'The share of failures rises as well, from {errorShare:share} to {beyondErrorShare:share}.',
  'conclusion.no-knee-vus':
    'Throughput was still growing at the highest level ({load:users}, {perSecond:rate}, p95 {p95Us:ms}): the limit of the target was not reached.',
  'conclusion.no-knee-rate':
    'The target kept up with the highest level (offered {load:rate}, achieved {perSecond:rate}, p95 {p95Us:ms}): its limit was not reached.',
  'conclusion.limit-behind':
    'The target fell behind at the highest level: {load:rate} were offered and {perSecond:rate} achieved, with a p95 of {p95Us:ms}. The highest level that it kept up with is {goodLoad:rate} (p95 {goodP95Us:ms}).',
  'conclusion.limit-slower':
    'The target reached its limit at the highest level: at an offered {load:rate} the p95 is {p95Us:ms}, compared with {goodP95Us:ms} at {goodLoad:rate}.',
  'conclusion.limit-never':
    'The target fell behind at every level: already at an offered {load:rate} it achieved only {perSecond:rate}, with a p95 of {p95Us:ms}.',
  'conclusion.behind':
    'The target fell behind: {load:rate} were offered and {perSecond:rate} achieved, so requests queued. The median response time rose from {firstUs:ms} in the first {partUs:span} to {lastUs:ms} in the last; a longer run would bring longer ones.',
  'threshold.no-level': 'the search found no level that could be judged.',
  'threshold.at-least': 'the search found {actual:quantity} at least, and the conclusion says why it could not go on.',
  'levels-judged.ok': 'The load generator kept up with each of the {levels} levels of the search.',
  'levels-judged.none': 'The run ended before a level of its search could be judged.',
  'levels-judged.some':
    'Of the {levels} levels of the search, {unclear} could not be judged because of the load generator or its host; they are not taken for the limit of the target.',
  'levels-judged.fail':
    'None of the {levels} levels of the search could be judged because of the load generator or its host. Use more agents, give them more CPU, or begin with a lower level.',
  'level.stalled': 'in {disturbed} of {watched} seconds the load generator stood still.',
  'level.starved':
    'in {disturbed} of {watched} seconds the load generator waited for a processor of its host, which others kept busy.',
  'level.partial': 'an agent was lost, and its share of the load was missing in {disturbed} of {watched} seconds.',
  'level.generator-full':
    'the process of an agent used {limit:share} of a core or more for {longest} seconds in a row.',
  'level.generator-late': 'the load generator sent half of the requests {delayUs:ms} late or more.',
  'level.behind': 'of {level:rate} offered, {answered:rate} were answered.',
  'level.no-samples': '{criterion}: there was nothing to judge it by.',
  'level.only-failures': '{criterion}: all requests failed.',
  'search.found-rate-confirmed':
    'The target takes {perSecond:rate} with {criteria:list} (confirmed for {heldUs:span}: p95 {p95Us:ms}).',
  'search.found-vus-confirmed':
    'The target takes {perSecond:rate} from {level:users} with {criteria:list} (confirmed for {heldUs:span}: p95 {p95Us:ms}).',
  'search.found-rate':
    'The target takes {perSecond:rate} with {criteria:list} (not confirmed; held for {heldUs:span}: p95 {p95Us:ms}).',
  'search.found-vus':
    'The target takes {perSecond:rate} from {level:users} with {criteria:list} (not confirmed; held for {heldUs:span}: p95 {p95Us:ms}).',
  'search.least-rate':
    'The target takes at least {perSecond:rate} with {criteria:list} (held for {heldUs:span}: p95 {p95Us:ms}).',
  'search.least-vus':
    'The target takes at least {perSecond:rate} from {level:users} with {criteria:list} (held for {heldUs:span}: p95 {p95Us:ms}).',
  'search.because-generator':
    'This load generator can offer no more, so the limit of the target is not known. Use more agents, or more hosts.',
  'search.because-host':
    'The host of the load generator was too busy to tell more, so the limit of the target is not known. Search again when it is quiet, or give the load generator a host of its own.',
  'search.because-agent': 'The search could not go on, because an agent was lost with its share of the load.',
  'search.because-range': 'No higher level was to be tried: raise the end of the search (to) to find the limit.',
  'search.because-end': 'The run ended before the search did: its limit is not known.',
  'search.because-broken': 'The search could not go on, because the target did not recover from a level that broke it.',
  'search.broke-rate': 'At {level:rate} it breaks:',
  'search.broke-vus': 'At {level:users} it breaks:',
  'search.never-rate':
    'The target does not meet the criteria ({criteria:list}) even at {level:rate}, where the search began. Begin lower (from).',
  'search.never-vus':
    'The target does not meet the criteria ({criteria:list}) even with {level:users}, where the search began. Begin lower (from).',
  'search.unknown': 'The search found nothing: no level could be judged.',
  'search.full-rate': 'At {level:rate} the load generator was full:',
  'search.full-vus': 'With {level:users} the load generator was full:',
  'search.busy-rate': 'At {level:rate} nothing could be told:',
  'search.busy-vus': 'With {level:users} nothing could be told:',
  'search.not-recovered-rate':
    'The target did not recover after {level:rate}: back at {after:rate}, less than it had held before, it was at {perSecond:rate} with a p95 of {p95Us:ms} and {errorShare:share} failures, {heldUs:span} later.',
  'search.not-recovered-vus':
    'The target did not recover after {level:users}: back at {after:users}, fewer than it had held before, it was at {perSecond:rate} with a p95 of {p95Us:ms} and {errorShare:share} failures, {heldUs:span} later.',
  'capacity.law-peak-vus':
    'By the Universal Scalability Law over {levels} levels (error {misfit:share}; contention {contention:number}, coherence {coherence:number}) throughput peaks at {peak:rate} with {load:users}.',
  'capacity.law-peak-rate':
    'By the Universal Scalability Law over {levels} levels (error {misfit:share}; contention {contention:number}, coherence {coherence:number}) throughput peaks at {peak:rate} with {load:requests} in progress at once.',
  'capacity.law-ceiling':
    'By the Universal Scalability Law over {levels} levels (error {misfit:share}; contention {contention:number}, no coherence cost) throughput approaches {ceiling:rate} and does not fall.',
  'capacity.law-linear':
    'By the Universal Scalability Law over {levels} levels (error {misfit:share}) neither contention nor coherence shows: throughput grows with the load as far as was measured.',
  'capacity.law-poor':
    'The Universal Scalability Law does not describe these {levels} levels: its best curve misses them by {misfit:share}.',
  'capacity.is-vus':
    'One machine like the target takes {perSecond:rate} ({load:users}, p95 {p95Us:ms}): the highest level that passes the criteria and is not beyond the knee.',
  'capacity.is-rate':
    'One machine like the target takes {perSecond:rate} (p95 {p95Us:ms}): the highest level that passes the criteria and is not beyond the knee.',
  'capacity.least-vus':
    'One machine like the target takes at least {perSecond:rate} ({load:users}, p95 {p95Us:ms}): no level broke a criterion.',
  'capacity.least-rate':
    'One machine like the target takes at least {perSecond:rate} (p95 {p95Us:ms}): no level broke a criterion.',
  'capacity.none-met':
    'How many machines are needed cannot be said: the target breaks a criterion already at the lowest level.',
  'capacity.none-levels':
    'How many machines are needed cannot be said: the load has no steps that were held. Give the plan stages, or use find-max.',
  'capacity.machines':
    'For {need:rate}: {need:rate} ÷ {perSecond:rate} = {machines:machines}, if each does as much beside others as alone.',
  'capacity.machines-reserve':
    'For {need:rate}: {need:rate} ÷ {perSecond:rate} = {machines:machines}; with a reserve ({reserve:number} times) {withReserve:machines}, if each does as much beside others as alone.',
  'capacity.machines-most':
    'For {need:rate}: {need:rate} ÷ {perSecond:rate} = at most {machines:machines}, if each does as much beside others as alone.',
  'capacity.machines-most-reserve':
    'For {need:rate}: {need:rate} ÷ {perSecond:rate} = at most {machines:machines}; with a reserve ({reserve:number} times) {withReserve:machines}, if each does as much beside others as alone.',
  'conclusion.generator-late':
    'Response times contain delays of the load generator: 5% of the operations started {delayUs:ms} or more after they were due. Service times do not contain them.',
  'conclusion.backlog-none':
    '{name} was {least:number} to {most:number}, {mean:number} on average: requests were processed as they arrived, without a backlog.',
  'conclusion.backlog-some':
    '{name} was {least:number} to {most:number}, {mean:number} on average: some requests had to wait.',
  'conclusion.backlog-growing':
    '{name} grew from {atFirst:number} to {atLast:number}, at most {most:number}: requests arrived faster than they were processed.',
  'conclusion.data-complete':
    '{acknowledged:count} writes were acknowledged and {stored:count} rows are stored{warmup:withWarmup}: nothing was lost.',
  'conclusion.data-none':
    'No write was acknowledged{warmup:withWarmup}, so none can be lost; {stored:count} rows are stored.',
  'conclusion.data-lost':
    '{acknowledged:count} writes were acknowledged and {stored:count} rows are stored{warmup:withWarmup}; acknowledged writes that were lost: {lost:count}.',
  'conclusion.data-unknown':
    'Writes without an answer: {unknown:count}; of these, stored anyway: {storedWithoutAcknowledgement:count}.',
  'conclusion.data-extra': 'Stored rows that nobody sent: {extra:count}.',
  'conclusion.data-extra-lost':
    'Stored rows that no agent reported: {extra:count}. They may come from agents that were lost before they could report ({names:list}).',
  'conclusion.data-unsettled': 'The number of stored rows was still changing when counting ended.',
  'conclusion.bottleneck-cpu':
    '{owner}: CPU at {mean:used} on average, {max:used} at its peak: this is the bottleneck.',
  'conclusion.bottleneck-host-cpu':
    'Host of {owner}: CPU at {mean:used} on average, {max:used} at its peak{own:ownCores}: this is the bottleneck.',
  'conclusion.bottleneck-memory':
    '{owner}: memory at {mean:used} on average, {max:used} at its peak: this is the bottleneck.',
  'conclusion.nearly-full-cpu':
    '{owner}: CPU at {mean:used} on average, {max:used} at its peak: the load did not suffer yet, but this will run out first.',
  'conclusion.nearly-full-host-cpu':
    'Host of {owner}: CPU at {mean:used} on average, {max:used} at its peak{own:ownCores}: the load did not suffer yet, but this will run out first.',
  'conclusion.nearly-full-memory':
    '{owner}: memory at {mean:used} on average, {max:used} at its peak: the load did not suffer yet, but this will run out first.',
  'conclusion.free-cpu': '{owner}: CPU at {mean:used} on average, {max:used} at its peak: no bottleneck.',
  'conclusion.free-host-cpu':
    'Host of {owner}: CPU at {mean:used} on average, {max:used} at its peak{own:ownCores}: no bottleneck.',
  'conclusion.free-memory': '{owner}: memory at {mean:used} on average, {max:used} at its peak: no bottleneck.',
  'conclusion.agent-host-others':
    'Host of {names:list}: CPU at {mean:used} on average, of which the agents used {agents:used}: other processes{shared:targetToo} were busy there, so response times may include waiting for CPU.',
  'conclusion.agent-host-own':
    'Host of {names:list}: CPU at {mean:used} on average, of which the agents used {agents:used}: the load generator leaves no room for more load. Use more hosts.',
  'conclusion.agent-host-memory':
    'Host of {names:list}: memory at {mean:used} on average; the agents used {agentBytes:bytes} at most.',
  'conclusion.agent-process':
    'The process of {names:list} used {mean:used} of a core on average, {max:used} at its peak, and one process cannot use more. Use more agent processes for a higher load.',
  'conclusion.slow-environment':
    'All {operations} operations are slow by about the same amount, whatever they do (no request below {floorUs:ms}, medians {leastUs:ms} to {mostUs:ms}): the cause is probably the environment, not the code. Check name resolution (localhost resolving to IPv6 first), connection setup, proxies, firewalls and virtualization.',
  'conclusion.phase-times': 'Median times of the phases: {phases:list}.',
  'conclusion.slow-phase': 'Most of the common delay is in {phase} ({medianUs:ms}).',
  'conclusion.slow-operations':
    'Slow on their own, since {quickest} takes {quickestUs:ms} in the same environment: {names:list} (medians).',
  'conclusion.no-criteria': 'The plan has no criteria that can fail, so there is no verdict.',
  'conclusion.overall-ample':
    'With {vus:users} the target passes all criteria ({criteria}) with plenty of room: the tightest, {criterion}, has a margin of {margin:share}.',
  'conclusion.overall-full-cpu':
    'With {vus:users} the target passes all criteria ({criteria}), the tightest, {criterion}, with a margin of {margin:share}; there is no room for more load, because the CPU of {owner} is full.',
  'conclusion.overall-full-host-cpu':
    'With {vus:users} the target passes all criteria ({criteria}), the tightest, {criterion}, with a margin of {margin:share}; there is no room for more load, because the CPU of the host of {owner} is full.',
  'conclusion.overall-full-memory':
    'With {vus:users} the target passes all criteria ({criteria}), the tightest, {criterion}, with a margin of {margin:share}; there is no room for more load, because the memory of {owner} is full.',
  'conclusion.overall-margin':
    'With {vus:users} the target passes all criteria ({criteria}); the tightest, {criterion}, has a margin of {margin:share}.',
  'conclusion.overall-met': 'With {vus:users} the target passes all criteria ({criteria}).',
  'conclusion.overall-fail':
    'With {vus:users} the target does not meet the requirements: {met} of {criteria} criteria passed; failed: {broken:list}.',
  'conclusion.overall-unjudged': 'Some criteria could not be judged, so the run does not pass: {unjudged:list}.',

  'compare.load': '{other} offered another load than {first}: {place} is {right}, and not {left}.',
  'compare.load-users':
    '{other} offered another load than {first}: {right:number} virtual users on average, and not {left:number}.',
  'compare.load-rate': '{other} offered another load than {first}: {right:rate} arrivals, and not {left:rate}.',
  'compare.load-searched':
    'The load of {runId} was searched, and so followed from what its target took: a criterion such as max_rps >= baseline - 5% compares what was found.',
  'compare.load-changed': 'Somebody changed the load of {runId} while it ran.',
  'compare.load-stopped': '{runId} was stopped before its load had taken its course.',
  'compare.invalid':
    'The measurement of {runId} cannot be trusted ({checks:list}): its figures may be those of the load generator.',
  'compare.stopped': '{runId} was stopped early: {reason:said}',
  'compare.running': '{runId} had not ended when its result was made.',
  'compare.plan': 'Plan: {key} is {before} before, {after} after.',
  'compare.plan-others': 'The plans differ in {count:count} more places.',
  'compare.target': 'Target: {before} before, {after} after.',
  'compare.target-fact': 'Target, {name}: {before} before, {after} after.',
  'compare.version': 'Version of bench: {before} before, {after} after.',
  'compare.agents': 'Number of agents: {before} before, {after} after.',
  'compare.hosts': 'Hosts of the agents: {before} before, {after} after.',
  'compare.cpus': 'CPUs of the agents: {before} before, {after} after.',
  'compare.systems': 'Operating systems of the agents: {before} before, {after} after.',
  'compare.runtimes': 'Runtimes of the agents: {before} before, {after} after.',
  'compare.control': 'Control: {before} before, {after} after.',
  'compare.rps-more': 'Throughput (QPS) rose by {change:share}: {before:rate} before, {after:rate} after.',
  'compare.rps-less': 'Throughput (QPS) fell by {change:share}: {before:rate} before, {after:rate} after.',
  'compare.rps-same': 'No difference in throughput (QPS) can be told: {before:rate} before, {after:rate} after.',
  'compare.p95-more': 'Latency (p95) rose by {change:share}: {before:ms} before, {after:ms} after.',
  'compare.p95-less': 'Latency (p95) fell by {change:share}: {before:ms} before, {after:ms} after.',
  'compare.p95-same': 'No difference in latency (p95) can be told: {before:ms} before, {after:ms} after.',
  'compare.error_rate-more': 'More requests failed: {before:share} before, {after:share} after.',
  'compare.error_rate-less': 'Fewer requests failed: {before:share} before, {after:share} after.',
  'compare.no-row': 'not all runs have this operation',
  'compare.no-requests': 'a run has no requests of it',
  'compare.no-ratio': 'not all runs count this ratio',
  'compare.no-attempts': 'a run has no attempts of it',
  'compare.void-ratio': 'it says nothing in a run: {reason:said}',
  'compare.few-requests': 'a run has too few requests for this figure',
  'compare.short': 'a run is shorter than 10 whole seconds',
  'compare.no-course': 'results of older versions keep no seconds of spans: compare several runs a side',
  'compare.gaps': 'in some stretch of time a run had no requests of it',
  'compare.fast-failures': 'more requests failed, and failures are often fast',
  'compare.by-stretches':
    'Each run was cut into {count} stretches of time (of {beforeSeconds:number} s each before the change, of {afterSeconds:number} s each after it), which were compared in pairs. Response times that are alike for a while make the intervals {least:times} to {most:times} times as wide as independent ones would have.',
  'compare.slow':
    'These runs are too short to tell small differences: their seconds are alike for so long that those of each run may say no more than {independent:number} would that have nothing to do with each other. Make runs of {neededUs:span} or longer, or several a side.',
  'compare.one-run':
    'One run a side shows how much the target varies within a run, and not how much two runs of the same target differ: with three runs a side or more, that is in the intervals too.',
  'compare.by-runs': 'The intervals come from how much the runs of a side differ from one another.',
  'compare.runs-needed':
    'Runs of a side differ by {spread:share} in their average response time: {runs} runs a side find a change of {change:share} in 19 of 20 comparisons.',
  'compare.runs-many':
    'Runs of a side differ by {spread:share} in their average response time: not even {most} runs a side find a change of {change:share} in 19 of 20 comparisons.',
  'compare.together': 'The intervals hold together: of all differences that are named, at most 5 % are chance.',
} as const satisfies Readonly<Record<string, string>>;

/** A sentence for each id. `{name}` stands for a parameter as it is, `{name:form}` for one in a form of message.ts. */
export type Catalogue = Readonly<Record<keyof typeof en, string>>;
