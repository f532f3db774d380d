import type { Sentences } from './form.ts';

/** What is wrong with a criterion, of thresholds and of searches. */
export const criteriaZhCn: Sentences = {
  '{text}, column {column}: {problem}': '{text}，第 {column} 列：{problem:said}',
  '"{text}" is not a metric': '"{text}" 不是度量',
  'known are {names}': '可用的有 {names}',
  '{what} is there twice: remove one': '{what} 出现两次：请去掉一个',
  '{prefix} needs a name right after it, without a space': '{prefix} 之后要紧跟名称，不能有空格',
  '{metric} is measured only on the whole run: write it without "{selector}"':
    '{metric} 只对整个测试测量：请去掉 "{selector}"',
  'the criterion ends before a metric': '指标在度量之前就结束了',
  '"{text}" comes before a metric': '"{text}" 出现在度量之前',
  'start with one, such as p95, or with a name': '请以度量（如 p95）或名称开头',
  'did you mean "{guess}" by "{subject}"?': '"{subject}" 是指 "{guess}" 吗？',
  'write one after "{subject}", such as p95, error_rate or rps':
    '请在 "{subject}" 之后写一个，例如 p95、error_rate 或 rps',
  'write == for "equals"': '等于请写 ==',
  'expected <, <=, >, >=, == or != after {metric}, not {found}':
    '{metric} 之后应为 <、<=、>、>=、== 或 !=，而不是{found:said}',
  'put a name that is also a metric in quotes': '与度量同名的名称请加引号',
  'a limit is missing after the comparison, such as 200ms or 0.1%': '比较符之后缺少限值，例如 200ms 或 0.1%',
  'expected "for" and a duration, or nothing, after the limit': '限值之后应为 "for" 和时长，或什么也没有',
  'after "for" comes a duration of whole seconds, such as 10s': '"for" 之后应为整秒的时长，例如 10s',
  '{metric} is known only after the run: write it without "for"': '{metric} 在测试之后才知道：请去掉 "for"',
  '"{text}" is too much: the criterion ends after the duration': '"{text}" 多余：指标在时长之后结束',
  'write a tag as tag:key=value': '标签请写成 tag:key=value',
  'there is no phase "{phase}": write phase:measure or phase:warmup':
    '没有阶段 "{phase}"：请写 phase:measure 或 phase:warmup',
  'the quote {quote} is not closed: write {quote} after the name': '引号 {quote} 没有闭合：请在名称之后写 {quote}',
  'the plan has no warm-up: give it `warmup`': '计划没有预热：请给出 `warmup`',
  'max_rps is what a search finds: give a scenario the executor find-max':
    'max_rps 由搜索得出：请给一个场景 find-max 执行器',
  'a search goes beyond its criteria on purpose: remove this': '搜索会有意超出其指标：请去掉',
  'is missing: say until when a level is good, such as [p95 < 200ms]':
    '缺失：请说明怎样的级别算合格，例如 [p95 < 200ms]',
  'or give the plan such a threshold': '或在计划的 thresholds 中给出',
  'works only with abort: true; add that, or remove this': '只在 abort: true 时有效；请加上，或去掉此项',
  'a warning cannot stop a run: use severity: fail': '警告不能停止测试：请用 severity: fail',
  '{metric} is known only after the run, so it cannot stop it: remove abort':
    '{metric} 在测试之后才知道，不能停止测试：请去掉 abort',
  '{metric} grows during the run, so this fails from the start: add "for" and a duration, or remove abort':
    '{metric} 在测试中不断增长，一开始就不满足：请加上 "for" 和时长，或去掉 abort',
  '"{text}" is not a number': '"{text}" 不是数',
  '{metric} is a duration: write it with us, ms, s or m, such as 200ms':
    '{metric} 是时长：请带单位 us、ms、s 或 m，例如 200ms',
  '{metric} is a duration: write it with us, ms, s or m, such as 200ms, not "{text}"':
    '{metric} 是时长：请带单位 us、ms、s 或 m，例如 200ms，而不是 "{text}"',
  '{metric} is a share: write it in percent, such as 0.1%': '{metric} 是比例：请写成百分比，例如 0.1%',
  '{metric} is a share: write it in percent, such as 0.1%, not "{text}"':
    '{metric} 是比例：请写成百分比，例如 0.1%，而不是 "{text}"',
  '{metric} is a rate: write it per second, such as 300, 300rps or 300/s':
    '{metric} 是速率：请写每秒的数，例如 300、300rps 或 300/s',
  '{metric} is a rate: write it per second, such as 300, 300rps or 300/s, not "{text}"':
    '{metric} 是速率：请写每秒的数，例如 300、300rps 或 300/s，而不是 "{text}"',
  '{metric} is a count: write a whole number, such as 0': '{metric} 是次数：请写整数，例如 0',
  '{metric} is a count: write a whole number, such as 0, not "{text}"':
    '{metric} 是次数：请写整数，例如 0，而不是 "{text}"',
  '"{name}" is an operation, but the other selectors exclude it': '"{name}" 是操作，但其他选择条件排除了它',
  'checks are made by scripts, and there is none': '检查由脚本完成，而这里没有脚本',
  '{metric} is not measured on checks: write requests, fails, error_rate or availability':
    '{metric} 不对检查测量：请写 requests、fails、error_rate 或 availability',
  'a check has no operation and no tags: remove this selector': '检查没有操作和标签：请去掉此选择条件',
  'checks are judged at the end: write it without "for"': '检查在结束时判定：请去掉 "for"',
  'ratio is of hits and attempts: {example}': '比率由命中数和次数得出：{example:said}',
  '"{name}" has no dot, as ratios of drivers have: {example}': '"{name}" 没有点号，而驱动的比率都有：{example:said}',
  'name what a driver counts, such as vector_search.recall ratio >= 95%':
    '请写驱动统计的名称，例如 vector_search.recall ratio >= 95%',
  'a ratio is of the whole load: remove this selector': '比率针对整个负载：请去掉此选择条件',
  'the plan has no flow and no script': '计划没有 flow 也没有脚本',
  'there is no journey "{name}"': '没有旅程 "{name}"',
  'there is no scenario "{name}"': '没有场景 "{name}"',
  'no operation has the tag {tag}': '没有操作带标签 {tag}',
  'for the scenario write scenario:{name}': '如指场景，请写 scenario:{name}',
  'there is no operation "{name}"': '没有操作 "{name}"',
  '{metric} is measured on operations, and there is no operation "{name}"': '{metric} 对操作测量，而没有操作 "{name}"',
  '"{name}" is not an operation: remove the other selectors': '"{name}" 不是操作：请去掉其他选择条件',
  '"{name}" is a monitor, and its values have no unit: write a plain number':
    '"{name}" 是监控，其数值没有单位：请写不带单位的数',
  '{metric} of an operation is a duration: write it with us, ms, s or m, such as 200ms':
    '操作的 {metric} 是时长：请带单位 us、ms、s 或 m，例如 200ms',
  'the plan has no monitors': '计划没有监控',
  'there is no operation and no monitor "{name}"': '没有名为 "{name}" 的操作或监控',
  'for the timing of a driver, write the limit with a unit, such as 50ms': '如指驱动的计时，限值请带单位，例如 50ms',
  '{metric} is a count, which grows with the time that a run takes: compare rps or error_rate with a baseline':
    '{metric} 是次数，随测试时长增长：请用 rps 或 error_rate 与基线比较',
  'write baseline, or what is added to it or taken off: baseline + 10%': '请写 baseline，或对它的增减：baseline + 10%',
  'more than 100% cannot be taken off the baseline': '不能从基线减去超过 100%',
  'or write a percentage of the baseline, such as 10%': '或写基线的百分比，例如 10%',
  'levels are not compared with a baseline: write the limit itself': '级别不与基线比较：请直接写限值',
  'each level is judged as a whole: leave out "for"': '每个级别整体判定：请去掉 "for"',
  'checks are judged at the end of the run, not for each level': '检查在测试结束时判定，而不是每个级别',
  'levels are no part of the warm-up': '级别不属于预热',
  'a ratio is judged over the whole search: write it under thresholds': '比率对整个搜索判定：请写在 thresholds 中',
  '{metric} does not get worse with the load alone: use a share or a duration, such as error_rate or p95':
    '{metric} 不会仅因负载而变差：请用比例或时长，例如 error_rate 或 p95',
};
