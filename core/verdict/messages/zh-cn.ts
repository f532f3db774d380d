import type { Catalogue } from './en.ts';

/** Simplified Chinese sentences. Parameters and forms: `message.ts`. */
export const zhCn: Catalogue = {
  'threshold.pass': '{criterion}：达标，实际 {actual:quantity}。',
  'threshold.pass-by': '{criterion}：达标，实际 {actual:quantity}，余量 {margin:share}。',
  'threshold.fail': '{criterion}：未达标，实际 {actual:quantity}。',
  'threshold.fail-by': '{criterion}：未达标，实际 {actual:quantity}，与限值相差 {margin:share}。',
  'threshold.invalid': '{criterion}：无法判定：{reason}',
  'threshold.abort': '{criterion} 在第 {second} 秒未达标（{actual:quantity}），测试提前停止。',
  'threshold.no-samples': '没有对应的样本。',
  'threshold.only-failures': '{failures:count} 个请求全部失败，失败得再快、再多也不算达标。',
  'threshold.no-window': '该阶段放不下一个 {windowSeconds} 秒的窗口。',
  'threshold.late-windows': '部分样本迟到，且未能重新读取，原因见事件。',
  'threshold.no-reconciliation': '没有驱动核对已确认写入与实际落库的行数。',
  'threshold.unverified': '{names:list} 未能核对已确认写入与实际落库的行数，原因见事件。',
  'threshold.nothing-acknowledged': '没有任何写入得到确认（{failures:count} 个请求全部失败），也就谈不上丢失。',
  'threshold.unsettled': '截止时落库行数仍在变化，有 {rows:count} 行存疑。',

  'samples.ok': '共测得 {requests:count} 个请求。',
  'samples.fail': '没有测得任何请求：请让测试时长超过预热时长，并查看事件了解原因。',
  'agents-complete.ok': '{agents} 个代理全部运行到结束。',
  'agents-complete.fail':
    '{agents} 个代理中有 {lost} 个未报告收尾总数便已失联（{names:list}），其部分样本可能缺失；缺失负载占 {share:share}，容许 {limit:share}。请查看其日志后重新测试。',
  'agents-complete.away':
    '{agents} 个代理中有 {lost} 个未全程参与（{names:list}），但都报告了收尾总数：缺失的是其不在期间的负载，占 {share:share}，容许 {limit:share}。请让代理从头到尾都在场，然后重新测试。',
  'agents-complete.mixed':
    '{agents} 个代理中有 {lost} 个未报告收尾总数便已失联（{names:list}），其部分样本可能缺失；另有 {away} 个未全程参与，但报告了收尾总数（{awayNames:list}）。缺失负载共占 {share:share}，容许 {limit:share}。请查看失联代理的日志后重新测试。',
  'agents-complete.untold':
    '{agents} 个代理中有 {lost} 个失联（{names:list}），未能报告其样本的收尾总数，最后的样本是否缺失无从得知。请查看其日志后重新测试。',
  'agents-complete.few':
    '{agents} 个代理中有 {lost} 个未全程参与（{names:list}），缺失负载占 {share:share}，在容许的 {limit:share} 之内。',
  'closing-totals.ok': '各代理的收尾总数与控制端合并的 {requests:count} 个请求一致。',
  'closing-totals.part':
    '已报告收尾总数的代理，其总数与控制端合并的 {requests:count} 个请求一致；{agents} 个代理中有 {missing} 个未报告（{names:list}）。',
  'closing-totals.skipped': '未判定：没有代理报告收尾总数。',
  'closing-totals.fail':
    '{names:list} 的收尾总数与控制端合并的结果不一致：样本在途中丢失或重复。请勿使用这些数据，并作为缺陷上报。',
  'generator-saturated.ok': '最忙的代理进程最多占用一个核的 {max:share}。',
  'generator-saturated.null': 'null 驱动测的就是发压端本身：其进程最多占用一个核的 {max:share}。',
  'generator-saturated.skipped': '未判定：没有完整的测量秒。',
  'generator-saturated.fail':
    '在 {measured} 个测量秒中，有 {seconds} 秒（最长连续 {longest} 秒）代理进程占用一个核的 {limit:share} 或更多（{agents:list}）：决定节奏的是发压端而不是被测系统。请增加代理进程或主机，或降低负载。',
  'generator-lag.ok': '代理的事件循环最多迟到 {maxUs:ms}。',
  'generator-lag.skipped': '未判定：没有完整的测量秒。',
  'generator-lag.fail':
    '代理的事件循环有 {share:share} 的测量时间处于停顿（限值 {limit:share}），单次最长 {maxUs:ms}（只计超过 {limitUs:ms} 的停顿）：响应被读晚了。请为代理分配独立的处理器、增加代理，或降低负载。',
  'send-delay.ok': '99% 的操作在预定时刻之后 {delayUs:ms} 内发出。',
  'send-delay.fail':
    '1% 的操作比预定时刻晚 {delayUs:ms} 或更多才发出（限值 {limitUs:ms}，服务时间 p99 为 {serviceUs:ms}）：响应时间反映的是发压端而不是被测系统。请增加代理进程或主机，或降低负载。',
  'local-errors.ok': '没有请求因发压端自身的端口或文件不足而失败。',
  'local-errors.fail':
    '{failures:count} 个请求在发压主机上就已失败（{kinds:list}），与被测系统无关。请调大 `ulimit -n` 与 net.ipv4.ip_local_port_range、增加主机，或保持长连接。',
  'dropped-arrivals.none': '没有到达被丢弃。',
  'dropped-arrivals.few': '{dropped:count} 次到达（{share:share}）没有空闲的虚拟用户而被丢弃（限值 {limit:share}）。',
  'dropped-arrivals.target':
    '{dropped:count} 次到达（{share:share}）没有空闲的虚拟用户而被丢弃，而发压端仍有余力：在此速率下，被测系统占用虚拟用户过久。百分位只统计已发出的请求。若被测系统本应如此慢，请调大 maxVus。',
  'dropped-arrivals.missed':
    '{dropped:count} 次到达（{share:share}，限值 {limit:share}）被丢弃，其中 {missed:count} 次是因为代理得知开始或负载变更时已经过时：计划的负载没有真正施加。请查看事件后重新测试。',
  'dropped-arrivals.fail':
    '{dropped:count} 次到达（{share:share}，限值 {limit:share}）被丢弃，而发压端或其主机的处理器已到极限：计划的负载没有真正施加，也无法判断责任在谁。请增加代理、使用不与被测系统共用的主机，或降低速率。',
  'littles-law.ok':
    '符合利特尔法则：虚拟用户共存活至多 {aliveUs:span}，其中请求占 {workUs:span}，思考时间占 {thinkUs:span}。',
  'littles-law.bounded': '符合利特尔法则：虚拟用户共存活至多 {aliveUs:span}，其中请求占 {workUs:span}。',
  'littles-law.skipped': '未判定：测试过短、有代理失联，或使用 null 驱动。',
  'littles-law.too-much':
    '不符合利特尔法则：请求（{workUs:span}）与思考时间（{thinkUs:span}）之和超过虚拟用户至多存活的 {aliveUs:span}，偏差大于 {tolerance:share}。样本重复或计时有误，请勿使用这些数据，并作为缺陷上报。',
  'littles-law.too-little':
    '不符合利特尔法则：虚拟用户至多存活的 {aliveUs:span} 中，请求（{workUs:span}）与思考时间（{thinkUs:span}）之外还有超过 {tolerance:share} 去向不明。样本缺失，或虚拟用户在等待发压端。请增加代理进程后重新测试。',
  'clock.ok': '各代理时钟的误差不超过 {uncertaintyUs:ms}。',
  'clock.fail':
    '{names:list} 的时钟误差可达 {uncertaintyUs:ms}（限值 {limitUs:ms}）：各代理的秒无法对齐。请使用与控制端连接更快的代理。',
  'clock.moved':
    '负载运行期间，{names:list} 的时钟相对控制端移动了多达 {movedUs:span}（限值 {limitUs:ms}）：其负载没有按计划进行，各代理的秒也无法对齐。请确保这些主机不被挂起、迁移或回拨时钟，然后重新测试。',
  'start-skew.ok': '各代理的起始时刻相差不超过 {skewUs:ms}。',
  'start-skew.skipped': '未判定：按负载模型，各代理本就不同时开始。',
  'start-skew.fail':
    '各代理的起始时刻相差 {skewUs:ms}（限值 {limitUs:ms}）：它们没有形成同一份负载。请为其分配独立的处理器后重新测试。',

  'verdict.aborted': '测试在测量 {measuredUs:span} 后提前停止（{reason}）：数据只代表这段时间。',
  'conclusion.stopped': '测试在测量 {measuredUs:span} 后停止（{reason}），以下均针对这段时间。',
  'conclusion.invalid': '本次测量不可信，不能说明被测系统的任何情况：有 {checks} 项有效性检查未通过。',
  'conclusion.load':
    '最多 {vus:users}在 {measuredUs:span} 内发出 {requests:count} 个请求：平均 {perSecond:rate}，最后 {currentUs:span} 为 {currentPerSecond:rate}。',
  'conclusion.load-dropped':
    '最多 {vus:users}在 {measuredUs:span} 内发出 {requests:count} 个请求：平均 {perSecond:rate}，最后 {currentUs:span} 为 {currentPerSecond:rate}；另有 {dropped:count} 次到达因没有空闲的虚拟用户而被丢弃。',
  'conclusion.load-brief':
    '最多 {vus:users}在 {measuredUs:span} 内发出 {requests:count} 个请求：平均 {perSecond:rate}。',
  'conclusion.load-brief-dropped':
    '最多 {vus:users}在 {measuredUs:span} 内发出 {requests:count} 个请求：平均 {perSecond:rate}；另有 {dropped:count} 次到达因没有空闲的虚拟用户而被丢弃。',
  'conclusion.response-time': '{operation}：中位数 {p50Us:ms}，平均 {meanUs:ms}，p95 {p95Us:ms}，p99 {p99Us:ms}。',
  'conclusion.response-time-met':
    '{operation}：中位数 {p50Us:ms}，平均 {meanUs:ms}，p95 {p95Us:ms}，p99 {p99Us:ms}，满足 {criterion}，余量 {margin:share}。',
  'conclusion.response-time-ample':
    '{operation}：中位数 {p50Us:ms}，平均 {meanUs:ms}，p95 {p95Us:ms}，p99 {p99Us:ms}，远优于 {criterion} 的要求，余量 {margin:share}。',
  'conclusion.response-time-broken':
    '{operation}：中位数 {p50Us:ms}，平均 {meanUs:ms}，p95 {p95Us:ms}，p99 {p99Us:ms}，未达到 {criterion} 的要求，与限值相差 {margin:share}。',
  'conclusion.no-response': '{operation}：没有测得任何请求。',
  'conclusion.no-failures': '{requests:count} 个请求全部成功，失败率 0%。',
  'conclusion.failures':
    '{requests:count} 个请求中有 {errors:count} 个失败（{share:share}，可用性 {availability:share}），最常见的是 {kinds:list}。',
  'conclusion.all-failed': '{requests:count} 个请求全部失败，最常见的是 {kinds:list}。',
  'conclusion.knee-vus':
    '超过 {load:users}后吞吐量不再增长（此时 {perSecond:rate}，{beyondLoad:count} 个时 {beyondPerSecond:rate}），而 p95 从 {p95Us:ms} 升至 {beyondP95Us:ms}：性能拐点在 {load:users}。',
  'conclusion.knee-rate':
    '施加速率超过 {load:rate} 后吞吐量不再增长（此时 {perSecond:rate}，施加 {beyondLoad:rate} 时 {beyondPerSecond:rate}），而 p95 从 {p95Us:ms} 升至 {beyondP95Us:ms}：性能拐点在 {load:rate}。',
  'conclusion.knee-failures': '同时失败率也从 {errorShare:share} 升至 {beyondErrorShare:share}。',
  'conclusion.no-knee-vus':
    '到最高阶段（{load:users}，{perSecond:rate}，p95 {p95Us:ms}）吞吐量仍在增长：尚未触及被测系统的极限。',
  'conclusion.no-knee-rate':
    '到最高阶段（施加 {load:rate}，实际 {perSecond:rate}，p95 {p95Us:ms}）吞吐量仍在增长：尚未触及被测系统的极限。',
  'conclusion.backlog-none':
    '{name} 在 {least:number} 到 {most:number} 之间，平均 {mean:number}：请求随到随处理，没有积压。',
  'conclusion.backlog-some': '{name} 在 {least:number} 到 {most:number} 之间，平均 {mean:number}：部分请求需要排队。',
  'conclusion.backlog-growing':
    '{name} 从 {atFirst:number} 增长到 {atLast:number}，最高 {most:number}：请求到达快于处理，出现积压。',
  'conclusion.data-complete': '已确认写入 {acknowledged:count} 次，实际落库 {stored:count} 行：没有丢失。',
  'conclusion.data-none': '没有任何写入得到确认，因此谈不上丢失；实际落库 {stored:count} 行。',
  'conclusion.data-lost':
    '已确认写入 {acknowledged:count} 次，实际落库 {stored:count} 行：丢失 {lost:count} 次已确认的写入。',
  'conclusion.data-unknown':
    '有 {unknown:count} 次写入没有得到答复，其中 {storedWithoutAcknowledgement:count} 次实际已落库。',
  'conclusion.data-extra': '库中多出 {extra:count} 行从未发送过的数据。',
  'conclusion.data-extra-lost':
    '库中多出 {extra:count} 行没有代理报告发送过的数据，可能来自未及报告便已失联的代理（{names:list}）。',
  'conclusion.data-unsettled': '停止计数时，落库行数仍在变化。',
  'conclusion.bottleneck-cpu': '{owner}：CPU 平均 {mean:share}，峰值 {max:share}：这是瓶颈所在。',
  'conclusion.bottleneck-memory': '{owner}：内存平均 {mean:share}，峰值 {max:share}：这是瓶颈所在。',
  'conclusion.nearly-full-cpu': '{owner}：CPU 平均 {mean:share}，峰值 {max:share}：尚未造成影响，但会最先耗尽。',
  'conclusion.nearly-full-memory': '{owner}：内存平均 {mean:share}，峰值 {max:share}：尚未造成影响，但会最先耗尽。',
  'conclusion.free-cpu': '{owner}：CPU 平均 {mean:share}，峰值 {max:share}：不是瓶颈。',
  'conclusion.free-memory': '{owner}：内存平均 {mean:share}，峰值 {max:share}：不是瓶颈。',
  'conclusion.slow-environment':
    '{operations} 个操作无论做什么都慢了差不多的时间（没有请求低于 {floorUs:ms}，中位数 {leastUs:ms} 到 {mostUs:ms}）：问题指向环境而不是代码。请检查域名解析（localhost 先解析为 IPv6）、建立连接、代理、防火墙与虚拟化。',
  'conclusion.phase-times': '各阶段耗时的中位数：{phases:list}。',
  'conclusion.slow-phase': '共同延迟主要在 {phase}（{medianUs:ms}）。',
  'conclusion.slow-operations':
    '在同一环境下 {quickest} 只需 {quickestUs:ms}，以下操作是自身慢：{names:list}（中位数）。',
  'conclusion.no-criteria': '计划没有设定任何指标，因此无所谓通过或不通过。',
  'conclusion.overall-ample':
    '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标，且余量充足：最紧的 {criterion} 仍有 {margin:share} 的余量。',
  'conclusion.overall-margin':
    '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标；最紧的 {criterion} 有 {margin:share} 的余量。',
  'conclusion.overall-met': '在 {vus:users}的压力下，被测系统满足全部 {criteria} 项指标。',
  'conclusion.overall-fail':
    '在 {vus:users}的压力下，被测系统不满足性能要求：{criteria} 项指标中满足 {met} 项；未达标：{broken:list}。',
  'conclusion.overall-unjudged': '并非所有指标都能判定，因此不算通过：{unjudged:list}。',
};
