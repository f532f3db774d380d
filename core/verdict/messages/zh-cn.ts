import type { Catalogue } from './en.ts';

/** Simplified Chinese sentences. Parameters and forms: `message.ts`. */
export const zhCn: Catalogue = {
  'check.fails': '检查项“{name}”：{all:count} 次中有 {fails:count} 次未通过。',
  'threshold.pass': '{criterion}：达标，实际为 {actual:quantity}。',
  'threshold.pass-by': '{criterion}：达标，实际为 {actual:quantity}，余量 {margin:share}。',
  'threshold.fail': '{criterion}：未达标，实际为 {actual:quantity}。',
  'threshold.fail-by': '{criterion}：未达标，实际为 {actual:quantity}，{excess:excess}。',
  'threshold.invalid': '{criterion}：无法判定：{reason:said}',
  'threshold.abort': '{criterion} 在第 {second} 秒未达标（{actual:quantity}），测试因此停止。',
  'threshold.no-samples': '没有对应的样本。',
  'threshold.nothing-counted': '没有任何计数。',
  'threshold.nothing-counted-but': '该名称下没有任何计数，有计数的只有{names:list}。',
  'threshold.void': '{reason:said}',
  'threshold.no-passes': '该阶段内没有任何一遍旅程到点开始：请让该阶段长于走完一遍的时间。',
  'threshold.only-failures': '{failures:count} 个请求全部失败，失败得再快、再多也不能算达标。',
  'threshold.only-failed-passes': '该旅程的 {failures:count} 遍全部失败，失败得再快、再多也不能算达标。',
  'threshold.no-window': '该阶段比一个 {windowSeconds} 秒的窗口还短。',
  'threshold.late-windows': '部分样本到达太晚且无法重新读取，原因见事件。',
  'threshold.paused': '实际值 {actual:quantity} 未达标，但在其评判时段内有人将负载暂停了 {pausedUs:span}。',
  'threshold.unfinished': '此时为 {actual:quantity}，而负载尚未走完。',
  'threshold.agents-away':
    '实际值 {actual:quantity} 未达标，但在其评判时段内因部分代理不在场，缺少了 {share:share} 的负载。',
  'threshold.other-load': '有人更改或提前停止了负载，因此与基线的负载不同。',
  'threshold.generator-late':
    '实际为 {actual:quantity}，未达标，但发压端发送请求最多晚了 {delayUs:ms}；扣除这一延迟（服务时间）为 {service:quantity}，在限值之内。',
  'threshold.generator-stalled':
    '实际为 {actual:quantity}，未达标，但 {seconds} 秒中有 {stalled} 秒发压端停顿；其余各秒为 {otherwise:quantity}，在限值之内。请让发压端独占主机或给它更多 CPU，然后重新测试。',
  'threshold.generator-stalled-only':
    '实际为 {actual:quantity}，未达标，但用于判定的每一秒发压端都有停顿。请让发压端独占主机或给它更多 CPU，然后重新测试。',
  'threshold.generator-timeouts':
    '实际为 {actual:quantity}，未达标，但有 {timeouts:count} 个请求是在发压端停顿的那几秒里超时的；不计这些请求则为 {otherwise:quantity}，在限值之内。请让发压端独占主机或给它更多 CPU，然后重新测试。',
  'threshold.generator-timeouts-in-passes':
    '实际为 {actual:quantity}，未达标，但有 {timeouts:count} 遍旅程是因为请求在发压端停顿的那几秒里超时而失败的；不计这些旅程则为 {otherwise:quantity}，在限值之内。请让发压端独占主机或给它更多 CPU，然后重新测试。',
  'threshold.generator-slow':
    '实际为 {actual:quantity}，未达标，但虚拟用户有 {share:share} 的时间在等发压端；扣除后约为 {otherwise:quantity}，在限值之内。请使用更多代理或给它们更多 CPU，然后重新测试。',
  'threshold.no-reconciliation': '没有驱动核对已确认的写入与实际落库的行数。',
  'threshold.unverified': '{names:list} 未能核对已确认的写入与实际落库的行数，原因见事件。',
  'threshold.nothing-acknowledged': '{failures:count} 个请求全部失败，没有任何写入得到确认，也就谈不上丢失。',
  'threshold.unsettled': '截止时落库行数仍在变化，有 {rows:count} 行存疑。',
  'threshold.warning-share':
    '{criterion} 允许 {share:share} 的请求失败。如果本意是 {percent}，请带上百分号，写成 {percent}。',
  'threshold.warning-share-dropped':
    '{criterion} 允许 {share:share} 的到达被丢弃。如果本意是 {percent}，请带上百分号，写成 {percent}。',

  'samples.ok': '共测得 {requests:count} 个请求。',
  'samples.fail': '没有测得任何请求。请查看失败记录与事件，或让测试时长超过预热时长。',
  'agents-complete.ok': '没有代理失联（共 {agents} 个）。',
  'agents-complete.fail':
    '{agents} 个代理中有 {lost} 个在上报最终合计之前失联（{names:list}）。它们的部分样本可能缺失，负载缺失 {share:share}（限值 {limit:share}）。请查看其日志后重新测试。',
  'agents-complete.away':
    '{agents} 个代理中有 {lost} 个没有全程参与（{names:list}）。它们已上报最终合计，缺失的只是不在期间的负载：{share:share}（限值 {limit:share}）。请保证代理从头到尾在线，然后重新测试。',
  'agents-complete.unstored':
    '{agents} 个代理中有 {lost} 个（{names:list}）上报的数据自控制端无法存储起未计入这些数字：占负载的 {share:share}（限值 {limit:share}）。代理一直在线，但{problem}。请修复存储后重新测试。',
  'agents-complete.mixed':
    '{agents} 个代理中有 {lost} 个在上报最终合计之前失联（{names:list}），它们的部分样本可能缺失；另有 {away} 个没有全程参与，但已上报最终合计（{awayNames:list}）。负载共缺失 {share:share}（限值 {limit:share}）。请查看失联代理的日志后重新测试。',
  'agents-complete.untold':
    '{agents} 个代理中有 {lost} 个在上报最终合计之前失联（{names:list}），其最后的样本可能缺失。请查看其日志后重新测试。',
  'agents-complete.few':
    '{agents} 个代理中有 {lost} 个没有全程参与（{names:list}），负载缺失 {share:share}，未超过限值 {limit:share}。',
  'closing-totals.ok': '各代理上报的最终合计与控制端合并的 {requests:count} 个请求一致。',
  'closing-totals.part':
    '代理上报的最终合计与控制端合并的 {requests:count} 个请求一致；{agents} 个代理中有 {missing} 个没有上报（{names:list}）。',
  'closing-totals.skipped': '未判定：没有代理上报最终合计。',
  'closing-totals.fail':
    '{names:list} 的最终合计与控制端合并的结果不一致：样本在途中丢失或被重复计数。请勿使用这些数据，并作为缺陷反馈。',
  'closing-totals.unstored':
    '{names:list} 上报的数据没有全部计入这些数字，原因：{problem}。请勿使用这些数据；修复存储后重新测试。',
  'generator-saturated.ok': '最忙的代理进程最多用了一个核的 {max:share}。',
  'generator-saturated.null': 'null 驱动测的就是发压端本身：其进程最多用了一个核的 {max:share}。',
  'generator-saturated.skipped': '未判定：没有完整的测量秒。',
  'generator-saturated.fail':
    '在 {measured} 个测量秒中，有 {seconds} 秒（最长连续 {longest} 秒）代理进程用了一个核的 {limit:share} 或更多（{agents:list}）：决定节奏的是发压端，而不是被测系统。请增加代理进程或主机，或降低负载。',
  'generator-lag.ok': '代理的事件循环最多迟到 {maxUs:ms}。',
  'generator-lag.some':
    '代理的事件循环有 {share:share} 的测量时间被阻塞，单次最长 {maxUs:ms}：最慢的那些响应时间包含这一延迟。{cause:cause}',
  'generator-lag.skipped': '未判定：没有完整的测量秒。',
  'generator-lag.fail':
    '代理的事件循环有 {share:share} 的测量时间被阻塞，单次最长 {maxUs:ms}（限值 {limit:share}，只计超过 {limitUs:ms} 的阻塞），响应因此被读晚了。{cause:cause}',
  'send-delay.ok': '99% 的操作在应发时刻之后 {delayUs:ms} 内发出。',
  'send-delay.few': '未判定：只有 {samples:count} 个操作，不足以判断是否按时发送（至少需要 {least:count} 个）。',
  'send-delay.some':
    '5% 的操作比应发时刻晚 {delayUs:ms} 或更多才发出：p95 及以上的响应时间包含这一延迟，服务时间不包含（p95 为 {serviceUs:ms}）。{cause:cause}',
  'send-delay.fail':
    '四分之一的操作比应发时刻晚 {delayUs:ms} 或更多才发出（限值 {limitUs:ms}；服务时间 p75 为 {serviceUs:ms}）：响应时间反映的是发压端，而不是被测系统。{cause:cause}',
  'local-errors.ok': '没有请求因发压端的端口或文件描述符耗尽而失败。',
  'local-errors.fail':
    '{failures:count} 个请求在发压端主机上就已失败（{kinds:list}），与被测系统无关。请调大打开文件数的上限（ulimit -n）与 net.ipv4.ip_local_port_range、增加主机，或保持长连接。',
  'dropped-arrivals.none': '没有到达被丢弃。',
  'dropped-arrivals.few': '{dropped:count} 次到达（{share:share}）因没有空闲的虚拟用户而被丢弃（限值 {limit:share}）。',
  'dropped-arrivals.target':
    '{dropped:count} 次到达（{share:share}）因没有空闲的虚拟用户而被丢弃。发压端跟得上，因此是被测系统在此速率下太慢。百分位只统计已发出的请求。如果被测系统本来就该这么慢，请调大 maxVus。',
  'dropped-arrivals.missed':
    '{dropped:count} 次到达（{share:share}，限值 {limit:share}）被丢弃，其中 {missed:count} 次是因为代理得知开始或负载变更时已经太晚：被测系统没有承受计划的负载。请查看事件后重新测试。',
  'dropped-arrivals.fail':
    '{dropped:count} 次到达（{share:share}，限值 {limit:share}）被丢弃，而当时发压端或其主机的 CPU 已到极限：被测系统没有承受计划的负载，也无法判断是发压端还是被测系统造成的。请增加代理、让代理独占主机，或降低速率。',
  'littles-law.ok':
    '符合利特尔法则：虚拟用户总共活动至多 {aliveUs:span}，其中请求占 {workUs:span}，思考时间占 {thinkUs:span}。',
  'littles-law.bounded': '符合利特尔法则：虚拟用户总共活动至多 {aliveUs:span}，其中请求占 {workUs:span}。',
  'littles-law.skipped': '未判定：测试过短、有代理失联，或使用 null 驱动。',
  'littles-law.too-much':
    '不符合利特尔法则：请求（{workUs:span}）与思考时间（{thinkUs:span}）之和超过虚拟用户至多活动的 {aliveUs:span}，偏差大于 {tolerance:share}。样本被重复计数或计时有误。请勿使用这些数据，并作为缺陷反馈。',
  'littles-law.too-little':
    '不符合利特尔法则：虚拟用户至多活动了 {aliveUs:span}，扣除请求（{workUs:span}）与思考时间（{thinkUs:span}）后，还有超过 {tolerance:share} 无法解释。样本缺失，或虚拟用户在等待发压端。请增加代理进程后重新测试。',
  'clock.ok': '各代理时钟的误差不超过 {uncertaintyUs:ms}。',
  'clock.fail':
    '{names:list} 的时钟误差可达 {uncertaintyUs:ms}（限值 {limitUs:ms}），各代理的秒无法对齐。请使用到控制端网络更快的代理。',
  'clock.moved':
    '负载运行期间，{names:list} 的时钟相对控制端偏移了多达 {movedUs:span}（限值 {limitUs:ms}），其负载没有按计划进行，各代理的秒也无法对齐。请确保这些主机不会被挂起、迁移或回拨时钟，然后重新测试。',
  'start-skew.ok': '各代理开始的时刻相差不超过 {skewUs:ms}。',
  'start-skew.skipped': '未判定：在这种负载模型下，各代理本来就不同时开始。',
  'start-skew.fail':
    '各代理开始的时刻相差 {skewUs:ms}（限值 {limitUs:ms}），没有形成同一份负载。请为它们分配独立的 CPU 后重新测试。',

  'cause.others':
    '{names:list} 所在主机的 CPU 使用率为 {host:used}，其中代理只用了 {agents:used}：其余被其他进程占用。请停掉那里的其他程序，或让代理独占主机。',
  'cause.agents':
    '代理自身太忙：{names:list} 所在主机的 CPU 使用率为 {host:used}，其中代理用了 {agents:used}。请增加主机，或降低负载。',
  'cause.process': '{names:list} 的进程用满了一个核。请增加代理进程，或降低负载。',
  'cause.paused':
    '代理（{agents:used}）和所在主机（{host:used}）的 CPU 都有余力：代理是被别的原因暂停的，例如虚拟化、节能或调试器。请让代理独占主机。',

  'verdict.aborted': '测试在测量 {measuredUs:span} 后提前停止（{reason:said}）：数据只代表这段时间。',
  'verdict.running': '测试仍在进行：这里的数据只包含测量的前 {measuredUs:span}，结论视同测试在此时结束。',
  'conclusion.used-up':
    '负载在计划的 {plannedUs:span} 中只持续了 {lastedUs:span}：虚拟用户的数据已用完，没有可再发送的内容。',
  'conclusion.stopped': '测试在测量 {measuredUs:span} 后停止（{reason:said}），以下内容只针对这段时间。',
  'conclusion.paused': '在测量的 {measuredUs:span} 中，有人将负载暂停了 {pausedUs:span}：每秒的数值也包含这段时间。',
  'conclusion.load-changed': '运行期间有人更改了负载（更改次数：{changes:count}），因此它不是计划中的负载。',
  'conclusion.invalid': '本次测量不可信，不能说明被测系统的任何情况。未通过的有效性检查：{checks} 项。',
  'conclusion.load':
    '最多 {vus:users}在 {measuredUs:span}内发出 {requests:count} 个请求：平均 {perSecond:rate}，最后 {currentUs:span}为 {currentPerSecond:rate}。',
  'conclusion.load-dropped':
    '最多 {vus:users}在 {measuredUs:span}内发出 {requests:count} 个请求：平均 {perSecond:rate}，最后 {currentUs:span}为 {currentPerSecond:rate}；另有 {dropped:count} 次到达因没有空闲的虚拟用户而被丢弃。',
  'conclusion.load-brief':
    '最多 {vus:users}在 {measuredUs:span}内发出 {requests:count} 个请求：平均 {perSecond:rate}。',
  'conclusion.load-brief-dropped':
    '最多 {vus:users}在 {measuredUs:span}内发出 {requests:count} 个请求：平均 {perSecond:rate}；另有 {dropped:count} 次到达因没有空闲的虚拟用户而被丢弃。',
  'conclusion.rate': '每秒数值按负载持续的 {endedUs:span}内结束的 {ended:count} 个请求计算，而不是按其间开始的请求。',
  'conclusion.journey':
    '旅程 {name}：走完 {passes:count} 遍，失败 {failed:share}；含停顿中位数 {p50Us:ms}、p95 {p95Us:ms}，不含停顿 {workUs:ms}、{workP95Us:ms}。',
  'conclusion.ratio': '{name}：{share:share}（{of:count} 次中命中 {hits:count} 次）。',
  'conclusion.ratio-void': '{name} 作废，不说明任何问题：{reason:said}',
  'conclusion.response-time': '{operation}：中位数 {p50Us:ms}，平均 {meanUs:ms}，p95 {p95Us:ms}，p99 {p99Us:ms}。',
  'conclusion.response-time-met':
    '{operation}：中位数 {p50Us:ms}，平均 {meanUs:ms}，p95 {p95Us:ms}，p99 {p99Us:ms}，满足 {criterion}，余量 {margin:share}。',
  'conclusion.response-time-ample':
    '{operation}：中位数 {p50Us:ms}，平均 {meanUs:ms}，p95 {p95Us:ms}，p99 {p99Us:ms}，远好于 {criterion} 的要求，余量 {margin:share}。',
  'conclusion.response-time-broken':
    '{operation}：中位数 {p50Us:ms}，平均 {meanUs:ms}，p95 {p95Us:ms}，p99 {p99Us:ms}，未达到 {criterion} 的要求：{excess:excess}。',
  'conclusion.no-response': '{operation}：没有测得任何请求。',
  'conclusion.no-failures': '{requests:count} 个请求全部成功。',
  'conclusion.failures':
    '{requests:count} 个请求中有 {errors:count} 个失败（{share:share}，可用性 {availability:share}），最常见的是 {kinds:list}。',
  'conclusion.all-failed': '{requests:count} 个请求全部失败，最常见的是 {kinds:list}。',
  'conclusion.silent':
    '从第 {second} 秒起，被测系统有 {silentUs:span}没有任何应答：这段时间的请求最长耗时 {maxUs:ms}。',
  'conclusion.resent': '因服务器未作答就关闭连接而重新发送的请求：{count:count} 个，每个只计一次。',
  'conclusion.knee-vus':
    '超过 {load:users}后吞吐量不再增长（此时 {perSecond:rate}，{beyondLoad:count} 个时 {beyondPerSecond:rate}），而 p95 从 {p95Us:ms} 升至 {beyondP95Us:ms}：性能拐点在 {load:users}。',
  'conclusion.knee-rate':
    '计划速率超过 {load:rate} 后吞吐量不再增长（此时 {perSecond:rate}，计划 {beyondLoad:rate} 时 {beyondPerSecond:rate}），而 p95 从 {p95Us:ms} 升至 {beyondP95Us:ms}：性能拐点在 {load:rate}。',
  'conclusion.knee-slow-vus':
    '超过 {load:users}后吞吐量的增长远小于负载的增长（此时 {perSecond:rate}，{beyondLoad:count} 个时 {beyondPerSecond:rate}），而 p95 从 {p95Us:ms} 升至 {beyondP95Us:ms}：性能拐点在 {load:users}。',
  'conclusion.knee-failures': '失败率也从 {errorShare:share} 升至 {beyondErrorShare:share}。',
  'conclusion.no-knee-vus':
    '到最高一级（{load:users}，{perSecond:rate}，p95 {p95Us:ms}）吞吐量仍在增长：尚未达到被测系统的极限。',
  'conclusion.no-knee-rate':
    '被测系统跟上了最高一级（计划 {load:rate}，实际 {perSecond:rate}，p95 {p95Us:ms}）：尚未达到其极限。',
  'conclusion.limit-behind':
    '被测系统在最高一级没有跟上：计划 {load:rate}，实际 {perSecond:rate}，p95 {p95Us:ms}。能跟上的最高一级是 {goodLoad:rate}（p95 {goodP95Us:ms}）。',
  'conclusion.limit-slower':
    '被测系统在最高一级已达到极限：计划 {load:rate} 时 p95 为 {p95Us:ms}，而 {goodLoad:rate} 时为 {goodP95Us:ms}。',
  'conclusion.limit-never':
    '被测系统在每一级都没有跟上：计划只有 {load:rate} 时，实际就只有 {perSecond:rate}，p95 {p95Us:ms}。',
  'conclusion.behind':
    '被测系统跟不上负载：应达到 {load:rate}，实际为 {perSecond:rate}，请求因此排队。响应时间中位数从最初 {partUs:span}的 {firstUs:ms}升至最后 {partUs:span}的 {lastUs:ms}；运行时间越长，响应越慢。',
  'threshold.no-level': '搜索没有得到可判定的负载级别。',
  'threshold.at-least': '搜索只得出至少 {actual:quantity}，未能继续的原因见结论。',
  'levels-judged.ok': '搜索的 {levels} 个负载级别，发压端全部跟得上。',
  'levels-judged.none': '测试结束时，搜索还没有任何可判定的负载级别。',
  'levels-judged.some':
    '搜索的 {levels} 个负载级别中有 {unclear} 个因发压端或其主机而无法判定；它们不算作被测系统的极限。',
  'levels-judged.fail':
    '搜索的 {levels} 个负载级别全部因发压端或其主机而无法判定。请使用更多代理、给它们更多 CPU，或从更低的级别开始。',
  'level.stalled': '{watched} 秒中有 {disturbed} 秒发压端停顿。',
  'level.starved': '{watched} 秒中有 {disturbed} 秒发压端在等待所在主机的处理器，处理器被其他工作占满。',
  'level.partial': '有代理失联，{watched} 秒中有 {disturbed} 秒缺少它承担的那部分负载。',
  'level.generator-full': '有代理进程连续 {longest} 秒占用了 {limit:share} 个核或更多。',
  'level.generator-late': '半数请求的发送晚了 {delayUs:ms} 或更多。',
  'level.behind': '施加 {level:rate}，只完成 {answered:rate}。',
  'level.no-samples': '{criterion}：没有可判定的数据。',
  'level.only-failures': '{criterion}：全部请求失败。',
  'search.found-rate-confirmed':
    '在 {criteria:list} 的条件下，被测系统可承受 {perSecond:rate}（持续 {heldUs:span}确认：P95 {p95Us:ms}）。',
  'search.found-vus-confirmed':
    '在 {criteria:list} 的条件下，被测系统在 {level:users}时可承受 {perSecond:rate}（持续 {heldUs:span}确认：P95 {p95Us:ms}）。',
  'search.found-rate':
    '在 {criteria:list} 的条件下，被测系统可承受 {perSecond:rate}（未经确认；持续 {heldUs:span}：P95 {p95Us:ms}）。',
  'search.found-vus':
    '在 {criteria:list} 的条件下，被测系统在 {level:users}时可承受 {perSecond:rate}（未经确认；持续 {heldUs:span}：P95 {p95Us:ms}）。',
  'search.least-rate':
    '在 {criteria:list} 的条件下，被测系统至少可承受 {perSecond:rate}（持续 {heldUs:span}：P95 {p95Us:ms}）。',
  'search.least-vus':
    '在 {criteria:list} 的条件下，被测系统在 {level:users}时至少可承受 {perSecond:rate}（持续 {heldUs:span}：P95 {p95Us:ms}）。',
  'search.because-generator': '发压端无法施加更高的负载，被测系统的极限未知。请使用更多代理或更多主机。',
  'search.because-host':
    '发压端所在主机太忙，无法得出更多结论，被测系统的极限未知。请在主机空闲时重新搜索，或让发压端使用单独的主机。',
  'search.because-agent': '有代理失联并带走了它承担的负载，搜索无法继续。',
  'search.because-range': '没有尝试更高的级别：请提高搜索上限（to）以找到极限。',
  'search.because-end': '搜索完成之前测试已结束：极限未知。',
  'search.because-broken': '被测系统在过载之后没有恢复，搜索无法继续。',
  'search.broke-rate': '在 {level:rate} 时不再满足：',
  'search.broke-vus': '在 {level:users}时不再满足：',
  'search.never-rate': '在搜索起点 {level:rate}，被测系统就不满足指标（{criteria:list}）。请从更低的级别开始（from）。',
  'search.never-vus':
    '在搜索起点 {level:users}时，被测系统就不满足指标（{criteria:list}）。请从更低的级别开始（from）。',
  'search.unknown': '搜索没有结果：没有可判定的负载级别。',
  'search.full-rate': '在 {level:rate} 时发压端已满：',
  'search.full-vus': '在 {level:users}时发压端已满：',
  'search.busy-rate': '在 {level:rate} 时无法判定：',
  'search.busy-vus': '在 {level:users}时无法判定：',
  'search.not-recovered-rate':
    '在 {level:rate} 之后被测系统没有恢复：回到低于之前可承受级别的 {after:rate}，{heldUs:span}后仍为 {perSecond:rate}，P95 {p95Us:ms}，失败率 {errorShare:share}。',
  'search.not-recovered-vus':
    '在 {level:users}之后被测系统没有恢复：回到少于之前可承受的 {after:users}，{heldUs:span}后仍为 {perSecond:rate}，P95 {p95Us:ms}，失败率 {errorShare:share}。',
  'capacity.law-peak-vus':
    '按通用可扩展性定律（USL）拟合 {levels} 个负载级别（误差 {misfit:share}；竞争系数 {contention:number}，一致性系数 {coherence:number}），吞吐量在 {load:users}时达到峰值 {peak:rate}。',
  'capacity.law-peak-rate':
    '按通用可扩展性定律（USL）拟合 {levels} 个负载级别（误差 {misfit:share}；竞争系数 {contention:number}，一致性系数 {coherence:number}），吞吐量在同时处理 {load:count} 个请求时达到峰值 {peak:rate}。',
  'capacity.law-ceiling':
    '按通用可扩展性定律（USL）拟合 {levels} 个负载级别（误差 {misfit:share}；竞争系数 {contention:number}，无一致性开销），吞吐量趋近 {ceiling:rate}，不会下降。',
  'capacity.law-linear':
    '按通用可扩展性定律（USL）拟合 {levels} 个负载级别（误差 {misfit:share}），看不出竞争与一致性开销：在测量范围内吞吐量随负载增长。',
  'capacity.law-poor': '通用可扩展性定律（USL）不能描述这 {levels} 个负载级别：最佳拟合曲线的误差为 {misfit:share}。',
  'capacity.is-vus':
    '单机 QPS 为 {perSecond:rate}（{load:users}，P95 {p95Us:ms}）：满足指标且不超过拐点的最高负载级别。',
  'capacity.is-rate': '单机 QPS 为 {perSecond:rate}（P95 {p95Us:ms}）：满足指标且不超过拐点的最高负载级别。',
  'capacity.least-vus': '单机 QPS 至少为 {perSecond:rate}（{load:users}，P95 {p95Us:ms}）：没有负载级别不满足指标。',
  'capacity.least-rate': '单机 QPS 至少为 {perSecond:rate}（P95 {p95Us:ms}）：没有负载级别不满足指标。',
  'capacity.none-met': '无法给出所需机器数：被测系统在最低负载级别下就不满足指标。',
  'capacity.none-levels': '无法给出所需机器数：负载没有保持不变的级别。请在计划中写 stages，或使用 find-max。',
  'capacity.machines':
    '预期 QPS {need:rate}：需要机器数 = {need:rate} ÷ {perSecond:rate} = {machines:machines}（假设各机器互不影响）。',
  'capacity.machines-reserve':
    '预期 QPS {need:rate}：需要机器数 = {need:rate} ÷ {perSecond:rate} = {machines:machines}；考虑冗余（{reserve:number} 倍）= {withReserve:machines}（假设各机器互不影响）。',
  'capacity.machines-most':
    '预期 QPS {need:rate}：需要机器数 = {need:rate} ÷ {perSecond:rate}，最多 {machines:machines}（假设各机器互不影响）。',
  'capacity.machines-most-reserve':
    '预期 QPS {need:rate}：需要机器数 = {need:rate} ÷ {perSecond:rate}，最多 {machines:machines}；考虑冗余（{reserve:number} 倍）= {withReserve:machines}（假设各机器互不影响）。',
  'conclusion.generator-late':
    '响应时间包含发压端的延迟：5% 的操作比应发时刻晚 {delayUs:ms} 或更多才发出。服务时间不包含这一延迟。',
  'conclusion.backlog-none':
    '{name} 在 {least:number} 到 {most:number} 之间，平均 {mean:number}：请求随到随处理，没有积压。',
  'conclusion.backlog-some': '{name} 在 {least:number} 到 {most:number} 之间，平均 {mean:number}：部分请求需要排队。',
  'conclusion.backlog-growing':
    '{name} 从 {atFirst:number} 增长到 {atLast:number}，最高 {most:number}：请求到达快于处理，出现积压。',
  'conclusion.data-complete':
    '已确认写入 {acknowledged:count} 次，实际落库 {stored:count} 行{warmup:withWarmup}：没有丢失。',
  'conclusion.data-none': '没有任何写入得到确认{warmup:withWarmup}，因此谈不上丢失；实际落库 {stored:count} 行。',
  'conclusion.data-lost':
    '已确认写入 {acknowledged:count} 次，实际落库 {stored:count} 行{warmup:withWarmup}；丢失的已确认写入：{lost:count} 次。',
  'conclusion.data-unknown':
    '没有得到答复的写入：{unknown:count} 次，其中实际已落库：{storedWithoutAcknowledgement:count} 次。',
  'conclusion.data-extra': '库中从未发送过的数据：{extra:count} 行。',
  'conclusion.data-extra-lost':
    '库中没有代理报告过的数据：{extra:count} 行，可能来自未及上报便已失联的代理（{names:list}）。',
  'conclusion.data-unsettled': '停止计数时，落库行数仍在变化。',
  'conclusion.bottleneck-cpu': '{owner}：CPU 平均 {mean:used}，峰值 {max:used}：这是瓶颈所在。',
  'conclusion.bottleneck-host-cpu':
    '{owner} 所在主机：CPU 平均 {mean:used}，峰值 {max:used}{own:ownCores}：这是瓶颈所在。',
  'conclusion.bottleneck-memory': '{owner}：内存平均 {mean:used}，峰值 {max:used}：这是瓶颈所在。',
  'conclusion.nearly-full-cpu': '{owner}：CPU 平均 {mean:used}，峰值 {max:used}：尚未影响负载，但会最先耗尽。',
  'conclusion.nearly-full-host-cpu':
    '{owner} 所在主机：CPU 平均 {mean:used}，峰值 {max:used}{own:ownCores}：尚未影响负载，但会最先耗尽。',
  'conclusion.nearly-full-memory': '{owner}：内存平均 {mean:used}，峰值 {max:used}：尚未影响负载，但会最先耗尽。',
  'conclusion.free-cpu': '{owner}：CPU 平均 {mean:used}，峰值 {max:used}：不是瓶颈。',
  'conclusion.free-host-cpu': '{owner} 所在主机：CPU 平均 {mean:used}，峰值 {max:used}{own:ownCores}：不是瓶颈。',
  'conclusion.free-memory': '{owner}：内存平均 {mean:used}，峰值 {max:used}：不是瓶颈。',
  'conclusion.agent-host-others':
    '{names:list} 所在主机：CPU 平均 {mean:used}，其中代理用了 {agents:used}：其他进程{shared:targetToo}占用了其余部分，响应时间可能包含等待 CPU 的时间。',
  'conclusion.agent-host-own':
    '{names:list} 所在主机：CPU 平均 {mean:used}，其中代理用了 {agents:used}：发压端已没有余力增加负载。请增加主机。',
  'conclusion.agent-host-memory': '{names:list} 所在主机：内存平均 {mean:used}，代理最多用了 {agentBytes:bytes}。',
  'conclusion.agent-process':
    '{names:list} 的进程平均用了一个核的 {mean:used}，峰值 {max:used}，单个进程无法用得更多。如需更高负载，请增加代理进程。',
  'conclusion.slow-environment':
    '{operations} 个操作无论做什么都慢了差不多的时间（没有请求低于 {floorUs:ms}，中位数 {leastUs:ms} 到 {mostUs:ms}）：问题多半在环境，而不在代码。请检查域名解析（localhost 先解析为 IPv6）、建立连接、代理服务器、防火墙与虚拟化。',
  'conclusion.phase-times': '各阶段耗时的中位数：{phases:list}。',
  'conclusion.slow-phase': '共同的延迟主要在 {phase}（{medianUs:ms}）。',
  'conclusion.slow-operations':
    '在同一环境下 {quickest} 只需 {quickestUs:ms}，因此以下操作是自身慢：{names:list}（中位数）。',
  'conclusion.no-criteria': '计划没有设定任何可判不通过的指标，因此没有判定结果。',
  'conclusion.overall-ample':
    '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标，且余量充足：最紧的 {criterion} 仍有 {margin:share} 的余量。',
  'conclusion.overall-full-cpu':
    '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标，最紧的 {criterion} 有 {margin:share} 的余量；但 {owner} 的 CPU 已用满，无法再承受更大的压力。',
  'conclusion.overall-full-host-cpu':
    '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标，最紧的 {criterion} 有 {margin:share} 的余量；但 {owner} 所在主机的 CPU 已用满，无法再承受更大的压力。',
  'conclusion.overall-full-memory':
    '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标，最紧的 {criterion} 有 {margin:share} 的余量；但 {owner} 的内存已用满，无法再承受更大的压力。',
  'conclusion.overall-margin':
    '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标；最紧的 {criterion} 有 {margin:share} 的余量。',
  'conclusion.overall-met': '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标。',
  'conclusion.overall-fail':
    '在 {vus:users}的压力下，被测系统不满足性能要求：{criteria} 项指标中满足 {met} 项；未达标：{broken:list}。',
  'conclusion.overall-unjudged': '部分指标无法判定，因此不算通过：{unjudged:list}。',

  'compare.load': '{other} 的负载与 {first} 不同：{place} 在前者为 {right}，在后者为 {left}。',
  'compare.load-users': '{other} 的负载与 {first} 不同：前者平均 {right:number} 个虚拟用户，后者 {left:number} 个。',
  'compare.load-rate': '{other} 的负载与 {first} 不同：到达率前者为 {right:rate}，后者为 {left:rate}。',
  'compare.load-searched':
    '{runId} 的负载由搜索得出，取决于被测系统的承受能力：请用 max_rps >= baseline - 5% 这样的准则比较搜索结果。',
  'compare.load-changed': '{runId} 运行期间有人调整过负载。',
  'compare.load-stopped': '{runId} 的负载未走完全程就被停止。',
  'compare.invalid': '{runId} 的测量不可信（{checks:list}）：其数据反映的可能是发压端。',
  'compare.stopped': '{runId} 提前停止：{reason:said}',
  'compare.running': '{runId} 的结果是在测试结束之前生成的。',
  'compare.plan': '计划：{key} 之前为 {before}，之后为 {after}。',
  'compare.plan-others': '计划还有 {count:count} 处不同。',
  'compare.target': '被测系统：之前为 {before}，之后为 {after}。',
  'compare.target-fact': '被测系统的 {name}：之前为 {before}，之后为 {after}。',
  'compare.version': 'bench 版本：之前为 {before}，之后为 {after}。',
  'compare.agents': '代理数量：之前为 {before}，之后为 {after}。',
  'compare.hosts': '代理所在主机：之前为 {before}，之后为 {after}。',
  'compare.cpus': '代理的 CPU：之前为 {before}，之后为 {after}。',
  'compare.systems': '代理的操作系统：之前为 {before}，之后为 {after}。',
  'compare.runtimes': '代理的运行时：之前为 {before}，之后为 {after}。',
  'compare.control': '控制端：之前为 {before}，之后为 {after}。',
  'compare.rps-more': 'QPS 提升 {change:share}：之前 {before:rate}，之后 {after:rate}。',
  'compare.rps-less': 'QPS 下降 {change:share}：之前 {before:rate}，之后 {after:rate}。',
  'compare.rps-same': 'QPS 看不出差异：之前 {before:rate}，之后 {after:rate}。',
  'compare.p95-more': 'P95 延迟升高 {change:share}：之前 {before:ms}，之后 {after:ms}。',
  'compare.p95-less': 'P95 延迟降低 {change:share}：之前 {before:ms}，之后 {after:ms}。',
  'compare.p95-same': 'P95 延迟看不出差异：之前 {before:ms}，之后 {after:ms}。',
  'compare.error_rate-more': '失败的请求增多：之前 {before:share}，之后 {after:share}。',
  'compare.error_rate-less': '失败的请求减少：之前 {before:share}，之后 {after:share}。',
  'compare.no-row': '并非所有运行都有此操作',
  'compare.no-requests': '有一次运行没有此操作的请求',
  'compare.no-ratio': '并非所有运行都统计了此比率',
  'compare.no-attempts': '有一次运行没有此比率的尝试',
  'compare.void-ratio': '在一次运行中它不能说明问题：{reason:said}',
  'compare.few-requests': '有一次运行的请求太少，不足以得出此数据',
  'compare.short': '有一次运行不足 10 个整秒',
  'compare.no-course': '旧版本的结果没有保存脚本计时的逐秒数据：请两边各比较多次运行',
  'compare.gaps': '有一次运行在某个时间段没有此操作的请求',
  'compare.fast-failures': '失败的请求变多，而失败往往返回得快',
  'compare.by-stretches':
    '每次运行切成 {count} 个时间段（改动前每段 {beforeSeconds:number} 秒，改动后每段 {afterSeconds:number} 秒），逐对比较。相邻的响应时间彼此相近，使区间达到样本相互独立时的 {least:times} 至 {most:times} 倍宽。',
  'compare.slow':
    '运行时间太短，看不出较小的差异：相邻各秒长时间彼此相近，每次运行的信息量可能只相当于 {independent:number} 个相互独立的秒。请运行 {neededUs:span}或更久，或两边各运行多次。',
  'compare.one-run':
    '两边各一次运行，只能看出被测系统在一次运行之内的波动，看不出同一系统两次运行之间的差异；两边各运行三次或更多，区间才会包含这种差异。',
  'compare.by-runs': '区间来自同一边各次运行之间的差异。',
  'compare.runs-needed':
    '同一边各次运行的平均响应时间相差约 {spread:share}：两边各运行 {runs} 次，20 次比较中有 19 次能看出 {change:share} 的变化。',
  'compare.runs-many':
    '同一边各次运行的平均响应时间相差约 {spread:share}：两边各运行 {most} 次，也不能在 20 次比较中有 19 次看出 {change:share} 的变化。',
  'compare.together': '所有区间同时成立：在指出的差异中，出于偶然的至多占 5%。',
};
